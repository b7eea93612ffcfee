/** Curves of several runs as an SVG picture: the mean over seeds, and the band from lowest to highest. */
import type { StepMetrics } from './metrics';

export interface PlotPanel {
  title: string;
  /** Curves of this panel; each is drawn at the steps where every run has it. */
  metrics: readonly { name: string; label: string }[];
  /** Drawn as percent of 0..1; otherwise the axis starts at 0 and fits the data. */
  share: boolean;
}

/** What the study watches, for an experiment with evaluations. */
export const STUDY_PANELS: readonly PlotPanel[] = [
  panel('Accuracy, held out', true, ['eval/greedy/accuracy', 'greedy'], ['eval/sampled/accuracy', 'sampled']),
  panel(
    'Response length, tokens',
    false,
    ['eval/sampled/mean_length', 'held out, sampled'],
    ['completions/mean_length', 'train rollouts'],
  ),
  panel(
    'Responses with reflection',
    true,
    ['eval/sampled/keywords/any', 'held out, sampled'],
    ['keywords/any', 'train rollouts'],
  ),
  panel(
    'Completion ratio',
    true,
    ['eval/sampled/completion_ratio', 'held out, sampled'],
    ['completion_ratio', 'train rollouts'],
  ),
  panel(
    'Right equations',
    true,
    ['eval/sampled/right_equations', 'held out, sampled'],
    ['right_equations', 'train rollouts'],
  ),
  panel('Entropy, nats', false, ['entropy', 'train rollouts']),
];

function panel(title: string, share: boolean, ...metrics: [string, string][]): PlotPanel {
  return { title, share, metrics: metrics.map(([name, label]) => ({ name, label })) };
}

const WIDTH = 320;
const HEIGHT = 210;
const PLOT = { left: 44, right: 12, top: 44, bottom: 30 };
/** Of the arms of a comparison, or the curves of a panel, in their order. */
export const COLOURS = ['#2563a8', '#c2571a', '#2f855a', '#8b4fb3', '#b7352d', '#8a6d00'];
const COLUMNS = 3;

export interface Curve {
  steps: number[];
  mean: number[];
  low: number[];
  high: number[];
}

/** Mean and range over runs at each step where all of them have the metric. */
export function meanAndBand(runs: readonly (readonly StepMetrics[])[], name: string): Curve {
  const curve: Curve = { steps: [], mean: [], low: [], high: [] };
  const byStep = runs.map((run) => new Map(run.filter((m) => name in m).map((m) => [m.step, m[name]])));
  for (const step of byStep[0]?.keys() ?? []) {
    const values = byStep.map((run) => run.get(step));
    if (!values.every((v) => v !== undefined && Number.isFinite(v))) continue;
    const numbers = values as number[];
    curve.steps.push(step);
    curve.mean.push(numbers.reduce((a, b) => a + b, 0) / numbers.length);
    curve.low.push(Math.min(...numbers));
    curve.high.push(Math.max(...numbers));
  }
  return curve;
}

type Runs = readonly (readonly StepMetrics[])[];
type LabelledCurve = Curve & { label: string };

/** @param runs metrics of each run (seed), by step */
export function plotSvg(title: string, runs: Runs, panels: readonly PlotPanel[] = STUDY_PANELS): string {
  return pageSvg(
    title,
    panels.map(({ title, share, metrics }) => ({
      title,
      share,
      curves: metrics.map(({ name, label }) => ({ label, ...meanAndBand(runs, name) })),
    })),
  );
}

/** The arms of a comparison, one colour each, in a panel for each panel's first metric. */
export function plotArmsSvg(
  title: string,
  arms: readonly { arm: string; runs: Runs }[],
  panels: readonly PlotPanel[] = STUDY_PANELS,
): string {
  return pageSvg(
    title,
    panels.map(({ title, share, metrics }) => ({
      title,
      note: metrics.length > 1 ? metrics[0].label : undefined,
      share,
      curves: arms.map(({ arm, runs }) => ({ label: arm, ...meanAndBand(runs, metrics[0].name) })),
    })),
    arms.map(({ arm }) => arm),
  );
}

interface DrawnPanel {
  title: string;
  /** Which of its metrics is drawn, where there are several. */
  note?: string;
  share: boolean;
  curves: readonly LabelledCurve[];
}

/** @param legend of the whole page; otherwise each panel has its own */
function pageSvg(title: string, panels: readonly DrawnPanel[], legend: readonly string[] = []): string {
  const rows = Math.ceil(panels.length / COLUMNS);
  const width = COLUMNS * WIDTH;
  const top = legend.length ? 60 : 40;
  const height = rows * HEIGHT + top;
  const body = panels.map((p, i) => {
    const at = `translate(${(i % COLUMNS) * WIDTH},${top + Math.floor(i / COLUMNS) * HEIGHT})`;
    return `<g transform="${at}">${panelSvg(p, legend.length === 0)}</g>`;
  });
  const key = legend.map((label, i) => legendSvg(label, i, 20 + i * 140, 46));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="11">
<style>text{fill:#1f2933}.note{fill:#5b6672}.grid{stroke:#d9dee3}.page{fill:#fff}@media(prefers-color-scheme:dark){text{fill:#e6e9ec}.note{fill:#a3adb8}.grid{stroke:#3a424b}.page{fill:#14181d}}</style>
<rect class="page" width="${width}" height="${height}"/>
<text x="16" y="26" font-size="15" font-weight="600">${escape(title)}</text>${key.join('')}
${body.join('\n')}
</svg>
`;
}

const legendSvg = (label: string, i: number, x: number, y: number): string =>
  `<circle cx="${x}" cy="${y - 4}" r="4" fill="${COLOURS[i % COLOURS.length]}"/><text class="note" x="${x + 8}" y="${y}">${escape(label)}</text>`;

function panelSvg({ title, note, share, curves }: DrawnPanel, withLegend: boolean): string {
  const lastStep = Math.max(1, ...curves.flatMap((c) => c.steps));
  const top = share ? 1 : niceCeiling(Math.max(1e-9, ...curves.flatMap((c) => c.high)));
  const x = (step: number) => PLOT.left + ((WIDTH - PLOT.left - PLOT.right) * step) / lastStep;
  const y = (value: number) => PLOT.top + (HEIGHT - PLOT.top - PLOT.bottom) * (1 - value / top);
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const value = part * top;
    const text = share ? `${Math.round(value * 100)} %` : String(Number(value.toPrecision(3)));
    return `<line class="grid" x1="${PLOT.left}" x2="${WIDTH - PLOT.right}" y1="${r(y(value))}" y2="${r(y(value))}"/><text class="note" x="${PLOT.left - 6}" y="${r(y(value) + 4)}" text-anchor="end">${text}</text>`;
  });
  const steps = [0, lastStep / 2, lastStep].map(
    (step) =>
      `<text class="note" x="${r(x(step))}" y="${HEIGHT - PLOT.bottom + 16}" text-anchor="middle">${Math.round(step)}</text>`,
  );
  const lines = curves.map((curve, i) => {
    const colour = COLOURS[i % COLOURS.length];
    const points = (values: readonly number[]) =>
      curve.steps.map((step, k) => `${r(x(step))},${r(y(values[k]))}`);
    const band = [...points(curve.high), ...points(curve.low).reverse()].join(' ');
    const legend = withLegend ? legendSvg(curve.label, i, PLOT.left + 4 + i * 130, 36) : '';
    return `<polygon points="${band}" fill="${colour}" fill-opacity="0.18"/><polyline points="${points(curve.mean).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>${legend}`;
  });
  const below = note ? `<text class="note" x="${PLOT.left}" y="34">${escape(note)}</text>` : '';
  return `<text x="${PLOT.left}" y="18" font-size="13" font-weight="600">${escape(title)}</text>${below}${[...ticks, ...steps, ...lines].join('')}`;
}

const r = (value: number): string => value.toFixed(1);

/** 1, 2 or 5 times a power of ten, at or above `value`. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 1.5, 2, 3, 4, 5, 7.5, 10].map((m) => m * power).find((n) => n >= value * 0.999) ?? value;
}

const escape = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
