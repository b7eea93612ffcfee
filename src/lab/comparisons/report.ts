/** The report of a comparison as Markdown. */
import { differingSettings, type DifferingSetting } from './arms';
import type { Comparison } from './types';
import {
  endInterval,
  endMetrics,
  interval,
  judgeFinding,
  leadSentence,
  shown,
  type ArmRuns,
} from './verdict';

interface ReportOptions {
  /** That differ, of each arm. */
  settings?: readonly DifferingSetting[];
  /** Runs that are no arm, for instance of another framework: shown, not judged. */
  beside?: readonly ArmRuns[];
}

/** @param picture the file with the curves, beside the report */
export function reportMarkdown(
  comparison: Comparison,
  arms: readonly ArmRuns[],
  picture: string,
  { settings = differingSettings(comparison), beside = [] }: ReportOptions = {},
): string {
  const metrics = endMetrics(arms);
  const seeds = Math.max(0, ...arms.map(({ runs }) => runs.length));
  const columns = comparison.arms.map(({ name }) => name);
  const lines = [
    `# ${comparison.title}`,
    '',
    comparison.question,
    '',
    leadSentence(comparison, arms),
    '',
    `![Curves of all arms: mean over seeds, and their range](${picture})`,
    '',
    `## At the end of the runs`,
    '',
    `Mean over ${seeds} seeds and its 95 % interval (Student’s t over seeds). Shares in percent.`,
    '',
    table(
      ['', ...metrics.map(({ label }) => label)],
      [...arms, ...beside].map(({ arm, runs }) => [
        arm,
        ...metrics.map(({ metric, share }) => {
          const end = endInterval(runs, metric);
          return Number.isFinite(end.low)
            ? `${shown(end.mean, share)} [${interval(end, share)}]`
            : shown(end.mean, share);
        }),
      ]),
    ),
    ...(comparison.findings.length
      ? [
          '',
          '## Against the paper',
          '',
          ...comparison.findings.map((f) => `- ${judgeFinding(f, arms).sentence}`),
        ]
      : []),
    ...(settings.length
      ? [
          '',
          '## Settings that differ',
          '',
          table(
            ['', ...columns],
            settings.map(({ path, values }) => [`\`${path}\``, ...values]),
          ),
        ]
      : []),
  ];
  return `${lines.join('\n')}\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((c) => c.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
