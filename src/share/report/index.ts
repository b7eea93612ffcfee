/** A run as one page to read: curves, signals, answers then and now, settings. It opens anywhere and runs nothing. */
import { settingsThatDiffer } from '../../lab/comparisons/arms';
import { endMetrics, shown } from '../../lab/comparisons/verdict';
import { filterSentence, type StepMetrics } from '../../lab/metrics';
import { plotSvg, referenceSentence, STUDY_PANELS, type PlotPanel } from '../../lab/plot';
import { PRESETS } from '../../lab/presets';
import { totalSteps } from '../../lab/schedule';
import { parseExperiment, readExperiment, type Experiment } from '../../lab/schema';
import { evaluationSizes, findSignals } from '../../lab/signals';
import type { RunRecord } from '../../store/types';
import type { RunContents } from '../run-file';
import { escape, page, rows, section } from './html';
import { rolloutSection, thenAndNow } from './responses';

/** The text of the page; whatever the run holds stands in it as text. */
export function reportHtml({ run, metrics, rollouts }: RunContents): string {
  const experiment = readExperiment(run.experiment);
  return page(run.name, [
    headOf(run, metrics, experiment),
    curves(run, metrics),
    ends(metrics),
    signals(run, metrics),
    thenAndNow(rollouts.filter(({ kind }) => kind === 'watch')),
    rolloutSection(rollouts.filter(({ kind }) => kind === 'train')),
    settings(run, experiment),
  ]);
}

function headOf(run: RunRecord, metrics: readonly StepMetrics[], experiment: Experiment | undefined): string {
  const steps = experiment ? `step ${run.step} of ${totalSteps(experiment)}` : `step ${run.step}`;
  const facts = [
    run.status,
    steps,
    run.adapter,
    `begun ${new Date(run.createdAt).toISOString().slice(0, 10)}`,
  ];
  const filtered = metrics.length ? filterSentence(metrics[0]) : undefined;
  return `<header><h1>${escape(run.name)}</h1>
<p>${escape(facts.filter(Boolean).join(' · '))}</p>
${filtered === undefined ? '' : `<p>${escape(filtered)}</p>`}${run.error === undefined ? '' : `<p class="bad">${escape(run.error)}</p>`}</header>`;
}

const MORE_PANELS: readonly PlotPanel[] = [
  { title: 'Reward', share: false, metrics: [{ name: 'reward', label: 'train rollouts' }] },
  { title: 'Gradient norm', share: false, metrics: [{ name: 'grad_norm', label: 'before clipping' }] },
  { title: 'KL to reference, nats', share: false, metrics: [{ name: 'kl', label: 'train rollouts' }] },
];

function curves({ reference, parent }: RunRecord, metrics: readonly StepMetrics[]): string {
  const panels = [...STUDY_PANELS, ...MORE_PANELS].filter((panel) =>
    panel.metrics.some((metric) => metrics.some((line) => Number.isFinite(line[metric.name]))),
  );
  if (panels.length === 0) return section('Curves', []);
  const legend = reference ? [`<p class="muted">${referenceSentence(parent !== undefined)}</p>`] : [];
  const picture = plotSvg('Learning curves', [metrics], panels, reference);
  return section('Curves', [...legend, `<figure tabindex="0">${picture}</figure>`]);
}

/** The first evaluation and the last. */
function ends(metrics: readonly StepMetrics[]): string {
  const evaluations = metrics.filter((line) => Object.keys(line).some((name) => name.startsWith('eval/')));
  const columns = [...new Set([evaluations.at(0), evaluations.at(-1)])].filter((line) => line !== undefined);
  const values = endMetrics([{ runs: [metrics] }]).map(({ metric, label, share }) => [
    share ? `${label}, %` : label,
    ...columns.map((line) => shown(line[metric], share)),
  ]);
  return section(
    'Evaluations on held-out questions',
    columns.length ? [rows(['', ...columns.map(({ step }) => `step ${step}`)], values)] : [],
  );
}

function signals({ experiment }: RunRecord, metrics: readonly StepMetrics[]): string {
  const found = findSignals(metrics, evaluationSizes(experiment)).map(
    ({ title, severity, step, sentence, study }) =>
      `<li><strong>${escape(title)}</strong> (${escape(severity)}, from step ${step}). ${escape(sentence)} <span class="muted">The study: ${escape(study)}</span></li>`,
  );
  return section('Signals', found.length ? [`<ol>${found.join('\n')}</ol>`] : []);
}

function settings(run: RunRecord, experiment: Experiment | undefined): string {
  const { title, experiment: preset } = PRESETS.aha;
  const differing = experiment ? settingsThatDiffer([parseExperiment(preset), experiment]) : [];
  return section('Settings', [
    differing.length === 0
      ? ''
      : rows(
          ['Setting', `Preset “${title}”`, 'Here'],
          differing.map(({ path, values }) => [path, ...values]),
        ),
    `<details><summary>The whole experiment</summary><pre>${escape(JSON.stringify(run.experiment, null, 2) ?? '')}</pre></details>`,
  ]);
}
