/** Curves of several runs as an SVG picture: the mean over seeds, and the band from lowest to highest. */
import type { StepMetrics } from './metrics';
import { drawPage, drawPanel, type DrawnPanel } from './picture';

export { COLOURS } from './picture';

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
interface Arm {
  arm: string;
  runs: Runs;
}

/** The first metric of a panel that all runs have which have begun: another framework does not write every one. */
export function sharedMetric(
  { metrics }: PlotPanel,
  arms: readonly { runs: Runs }[],
): PlotPanel['metrics'][number] {
  const begun = arms.flatMap(({ runs }) => runs.filter((run) => run.length > 0));
  const has = (name: string) => begun.every((run) => run.some((m) => Number.isFinite(m[name])));
  return metrics.find(({ name }) => has(name)) ?? metrics[0];
}

/**
 * @param runs metrics of each run (seed), by step
 * @param behind metrics of a run that they are to be compared with: thin lines
 */
export const plotSvg = (
  title: string,
  runs: Runs,
  panels: readonly PlotPanel[] = STUDY_PANELS,
  behind?: readonly StepMetrics[],
): string =>
  drawPage(
    title,
    panels.map((panel) => drawnPanel(panel, runs, behind)),
  );

/** The arms of a comparison, one colour each, in a panel for a metric of each panel. */
export const plotArmsSvg = (
  title: string,
  arms: readonly Arm[],
  panels: readonly PlotPanel[] = STUDY_PANELS,
): string =>
  drawPage(
    title,
    panels.map((panel) => ({ ...panel, note: noteOf(panel, arms), curves: armCurves(panel, arms) })),
    arms.map(({ arm }) => arm),
  );

/** What the thin lines behind a run's curves are. */
export const referenceSentence = (isFork: boolean): string =>
  `Thin lines: ${isFork ? 'the run it was forked from' : 'the run of the person who shared this experiment'}.`;

/** One panel by itself, as `plotSvg` draws it among others. */
export const plotPanelSvg = (panel: PlotPanel, runs: Runs, behind?: readonly StepMetrics[]): string =>
  drawPanel(drawnPanel(panel, runs, behind));

/** One panel by itself, as `plotArmsSvg` draws it among others. */
export const plotArmsPanelSvg = (panel: PlotPanel, arms: readonly Arm[]): string =>
  drawPanel({ ...panel, note: noteOf(panel, arms), curves: armCurves(panel, arms) });

const drawnPanel = (panel: PlotPanel, runs: Runs, behind?: readonly StepMetrics[]): DrawnPanel => ({
  ...panel,
  curves: curvesOf(panel, runs),
  behind: behind && curvesOf(panel, [behind]),
});

const curvesOf = ({ metrics }: PlotPanel, runs: Runs) =>
  metrics.map(({ name, label }) => ({ label, ...meanAndBand(runs, name) }));

const armCurves = (panel: PlotPanel, arms: readonly Arm[]) => {
  const { name } = sharedMetric(panel, arms);
  return arms.map(({ arm, runs }) => ({ label: arm, ...meanAndBand(runs, name) }));
};

/** Which of a panel's metrics is drawn, where there are several. */
const noteOf = (panel: PlotPanel, arms: readonly Arm[]): string | undefined =>
  panel.metrics.length > 1 ? sharedMetric(panel, arms).label : undefined;
