import { memo, useId, useMemo } from 'react';
import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import type { StepMetrics } from '../../lab/metrics';
import type { PlotPanel } from '../../lab/plot';
import { metricInfo } from '../charts/rows';
import { formatNumber, formatValue } from '../format';
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
  const [{ name: metric, label }] = panel.metrics;
  const info = metricInfo(metric);
  const rows = useMemo(() => armRows(sides, metric), [sides, metric]);
  const shape = JSON.stringify(sides.map(shapeOf));
  // The same elements as long as the same lines are there: recharts then draws new rows alone.
  const frame = useMemo(
    () => frameOf(panel, JSON.parse(shape) as ArmShape[], lastStep),
    [panel, shape, lastStep],
  );
  const lines = useMemo(() => (JSON.parse(shape) as ArmShape[]).flatMap(linesOf), [shape]);
  return (
    <figure className="chart" aria-labelledby={`${id}-title`} aria-describedby={`${id}-words`}>
      <figcaption>
        <h4 id={`${id}-title`} title={info.help}>
          {panel.title.replace(`, ${info.unit}`, '')} <span className="unit">{info.unit}</span>
        </h4>
        {panel.metrics.length > 1 && <span className="muted">{label}</span>}
      </figcaption>
      <p id={`${id}-words`} className="sr-only">
        {info.help} {describeArms(sides, metric)}
      </p>
      <div className="arm-plot" aria-hidden="true">
        <ResponsiveContainer width="100%" height="100%">
          <ComposedChart
            data={rows}
            margin={MARGIN}
            syncId="compare"
            syncMethod="value"
            accessibilityLayer={false}
          >
            {frame}
            {lines}
          </ComposedChart>
        </ResponsiveContainer>
      </div>
    </figure>
  );
});

const MARGIN = { top: 6, right: 8, bottom: 0, left: 0 };

/** Grid, axes and tooltip. */
function frameOf({ metrics: [{ name }], share }: PlotPanel, arms: readonly ArmShape[], lastStep: number) {
  return (
    <>
      <CartesianGrid vertical={false} stroke="var(--grid)" />
      <XAxis
        dataKey="step"
        type="number"
        domain={[0, lastStep]}
        allowDecimals={false}
        tickLine={false}
        stroke="var(--axis)"
        height={20}
      />
      <YAxis
        domain={[0, share ? 1 : 'auto']}
        tickFormatter={(value: number) => (share ? `${Math.round(value * 100)}` : formatNumber(value))}
        width={44}
        tickLine={false}
        axisLine={false}
      />
      <Tooltip
        isAnimationActive={false}
        content={({ active, payload }) => (
          <Values active={active} row={rowOf(payload)} arms={arms} unit={metricInfo(name).unit} />
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
