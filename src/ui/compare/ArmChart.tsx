import { memo, useId, useMemo } from 'react';
import { Area, ComposedChart, Line, Tooltip } from 'recharts';
import type { StepMetrics } from '../../lab/metrics';
import { sharedMetric, type PlotPanel } from '../../lab/plot';
import { ChartMenu } from '../charts/ChartMenu';
import { axes, MARGIN } from '../charts/axes';
import { axisEnds } from '../charts/axis';
import { Plot } from '../charts/Plot';
import { metricInfo, valuesOf } from '../charts/rows';
import { formatTick, formatValue } from '../format';
import { useArmFiles } from './armFiles';
import { ArmMark } from './ArmMark';
import { StillLine } from '../charts/StillLine';
import { rowOf } from '../charts/tooltip';
import { armRows, describeArms, highKey, lowKey, meanKey, runKey } from './armRows';
import { markOf } from './marks';
import type { SideMetrics } from './sides';

interface Props {
  panel: PlotPanel;
  sides: readonly SideMetrics[];
  /** Right end of the step axis. */
  lastStep: number;
}

/** One metric of all arms: the mean over finished runs, the band of their range, and runs under way as thin lines. */
export const ArmChart = memo(function ArmChart({ panel, sides, lastStep }: Props) {
  const id = useId();
  const { name: metric, label } = sharedMetric(panel, sides);
  const info = metricInfo(metric);
  const files = useArmFiles(panel, sides);
  const rows = useMemo(() => armRows(sides, metric), [sides, metric]);
  const shape = JSON.stringify(sides.map(shapeOf));
  const [low, high] = useMemo(() => {
    const keys = sides.flatMap(({ unfinished }, arm) => [
      lowKey(arm),
      highKey(arm),
      ...unfinished.map(({ id }) => runKey(id)),
    ]);
    return axisEnds(valuesOf(rows, keys), TICKS, panel.share ? [0, 1] : [0, undefined]);
  }, [rows, sides, panel]);
  // The same elements as long as the same lines are there: recharts then draws new rows alone.
  const frame = useMemo(
    () => frameOf(panel, JSON.parse(shape) as ArmShape[], { lastStep, low, high }),
    [panel, shape, lastStep, low, high],
  );
  const lines = useMemo(() => (JSON.parse(shape) as ArmShape[]).flatMap(linesOf), [shape]);
  return (
    <figure className="chart" aria-labelledby={`${id}-title`} aria-describedby={`${id}-words`}>
      <figcaption>
        <h4 id={`${id}-title`} title={info.help}>
          {panel.title.replace(`, ${info.unit}`, '')} <span className="unit">{info.unit}</span>
        </h4>
        {panel.metrics.length > 1 && <span className="muted">{label}</span>}
        <ChartMenu files={files} />
      </figcaption>
      <p id={`${id}-words`} className="sr-only">
        {info.help} {describeArms(sides, metric)}
      </p>
      <Plot height={PLOT_HEIGHT}>
        {(width) => (
          <ComposedChart
            width={width}
            height={PLOT_HEIGHT}
            data={rows}
            margin={MARGIN}
            syncId="compare"
            syncMethod="value"
            accessibilityLayer={false}
          >
            {frame}
            {lines}
          </ComposedChart>
        )}
      </Plot>
    </figure>
  );
});

/** Pixels of the plot. */
export const PLOT_HEIGHT = 190;
/** About how many ticks the value axis has. */
const TICKS = 5;

interface Scale {
  lastStep: number;
  low: number;
  high: number;
}

/** Grid, axes and tooltip. */
function frameOf({ metrics: [{ name }] }: PlotPanel, arms: readonly ArmShape[], scale: Scale) {
  const { unit } = metricInfo(name);
  return (
    <>
      {axes({ ...scale, count: TICKS, format: (value) => formatTick(value, unit) })}
      <Tooltip
        isAnimationActive={false}
        content={({ active, payload }) => (
          <Values active={active} row={rowOf(payload)} arms={arms} unit={unit} />
        )}
        cursor={{ stroke: 'var(--axis)' }}
      />
    </>
  );
}

type Band = (row: StepMetrics) => [low: number, high: number] | undefined;
const bands: Band[] = [];

/** Always the same function for an arm: recharts starts over with every line whose key has changed. */
function bandOf(arm: number): Band {
  const [low, high] = [lowKey(arm), highKey(arm)];
  return (bands[arm] ??= (row) => (Number.isFinite(row[low]) ? [row[low], row[high]] : undefined));
}

interface ArmShape {
  name: string;
  /** How many runs its mean is of, and whether they have but one point. */
  runs: number;
  isDot: boolean;
  unfinished: string[];
}

const shapeOf = ({ arm, runs, unfinished }: SideMetrics): ArmShape => ({
  name: arm,
  runs: runs.length,
  isDot: runs.length > 0 && runs[0].length <= 1,
  unfinished: unfinished.map(({ id }) => id),
});

function linesOf({ runs, isDot, unfinished }: ArmShape, arm: number) {
  const { color, dash } = markOf(arm);
  const line = {
    type: 'linear',
    stroke: color,
    strokeDasharray: dash,
    shape: StillLine,
    connectNulls: true,
    isAnimationActive: false,
  } as const;
  return [
    runs > 1 && (
      <Area
        key={`band ${arm}`}
        type="linear"
        dataKey={bandOf(arm)}
        stroke="none"
        fill={color}
        fillOpacity={0.16}
        activeDot={false}
        connectNulls
        isAnimationActive={false}
      />
    ),
    runs > 0 && (
      <Line
        key={`mean ${arm}`}
        {...line}
        dataKey={meanKey(arm)}
        strokeWidth={2}
        dot={isDot && { r: 2.5, fill: color, strokeWidth: 0 }}
        activeDot={{ r: 3.5, strokeWidth: 0, fill: color }}
      />
    ),
    ...unfinished.map((id) => (
      <Line
        key={id}
        {...line}
        dataKey={runKey(id)}
        strokeWidth={1}
        strokeOpacity={0.75}
        dot={false}
        activeDot={false}
      />
    )),
  ];
}

interface ValuesProps {
  active: boolean;
  row: StepMetrics | undefined;
  arms: readonly ArmShape[];
  unit: string;
}

function Values({ active, row, arms, unit }: ValuesProps) {
  if (!active || !row) return null;
  return (
    <div className="chart-tip">
      <div className="muted">step {row.step}</div>
      {arms.map(({ name, runs }, i) => {
        const [mean, low, high] = [meanKey(i), lowKey(i), highKey(i)].map((key) => row[key]);
        if (!Number.isFinite(mean)) return null;
        return (
          <div key={name}>
            <ArmMark arm={i} /> {name} <strong>{formatValue(mean, unit)}</strong>
            {runs > 1 && ` (${formatValue(low, unit)} to ${formatValue(high, unit)})`}
          </div>
        );
      })}
    </div>
  );
}
