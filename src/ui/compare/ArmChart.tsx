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
  const tick = (value: number) => (panel.share ? `${Math.round(value * 100)}` : formatNumber(value));
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
            margin={{ top: 6, right: 8, bottom: 0, left: 0 }}
            syncId="compare"
            syncMethod="value"
            accessibilityLayer={false}
          >
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
              domain={[0, panel.share ? 1 : 'auto']}
              tickFormatter={tick}
              width={44}
              tickLine={false}
              axisLine={false}
            />
            <Tooltip
              isAnimationActive={false}
              content={({ active, label }) => (
                <Values active={active} step={Number(label)} rows={rows} sides={sides} unit={info.unit} />
              )}
              cursor={{ stroke: 'var(--axis)' }}
            />
            {sides.flatMap((side, arm) => linesOf(side, arm))}
          </ComposedChart>
        </ResponsiveContainer>
      </div>
    </figure>
  );
});

function linesOf({ runs, unfinished }: SideMetrics, arm: number) {
  const { color, dash } = markOf(arm);
  const line = {
    type: 'linear',
    stroke: color,
    strokeDasharray: dash,
    connectNulls: true,
    isAnimationActive: false,
  } as const;
  const band = (row: StepMetrics) =>
    Number.isFinite(row[lowKey(arm)]) ? [row[lowKey(arm)], row[highKey(arm)]] : undefined;
  return [
    runs.length > 1 && (
      <Area
        key={`band ${arm}`}
        type="linear"
        dataKey={band}
        stroke="none"
        fill={color}
        fillOpacity={0.16}
        activeDot={false}
        connectNulls
        isAnimationActive={false}
      />
    ),
    runs.length > 0 && (
      <Line
        key={`mean ${arm}`}
        {...line}
        dataKey={(row: StepMetrics) => row[meanKey(arm)]}
        strokeWidth={2}
        dot={runs[0].length <= 1 && { r: 2.5, fill: color, strokeWidth: 0 }}
        activeDot={{ r: 3.5, strokeWidth: 0, fill: color }}
      />
    ),
    ...unfinished.map(({ id }) => (
      <Line
        key={id}
        {...line}
        dataKey={(row: StepMetrics) => row[runKey(id)]}
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
  step: number;
  rows: readonly StepMetrics[];
  sides: readonly SideMetrics[];
  unit: string;
}

function Values({ active, step, rows, sides, unit }: ValuesProps) {
  const row = rows.find((r) => r.step === step);
  if (!active || !row) return null;
  return (
    <div className="chart-tip">
      <div className="muted">step {step}</div>
      {sides.map(({ arm, runs }, i) => {
        const [mean, low, high] = [meanKey(i), lowKey(i), highKey(i)].map((key) => row[key]);
        if (!Number.isFinite(mean)) return null;
        return (
          <div key={arm}>
            <ArmMark arm={i} /> {arm} <strong>{formatValue(mean, unit)}</strong>
            {runs.length > 1 && ` (${formatValue(low, unit)} to ${formatValue(high, unit)})`}
          </div>
        );
      })}
    </div>
  );
}
