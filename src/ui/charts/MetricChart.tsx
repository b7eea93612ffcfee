import { memo, useId, useMemo } from 'react';
import {
  CartesianGrid,
  DefaultZIndexes,
  Line,
  LineChart,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import type { MetricInfo, StepMetrics } from '../../lab/metrics';
import type { Severity } from '../../lab/signals';
import { formatNumber, formatValue } from '../format';
import { Flag } from './Flag';
import { describeMarkers, type Marker } from './markers';
import { chartRows, describeSeries, lastValue, metricInfo, referenceKey, withReference } from './rows';
import type { ChartSpec, Series } from './specs';
import { StillLine } from './StillLine';
import { rowOf } from './tooltip';

interface Props {
  spec: ChartSpec;
  metrics: readonly StepMetrics[];
  markers: readonly Marker[];
  /** Another run's metrics, drawn thin behind. */
  reference?: readonly StepMetrics[];
  /** Right end of the step axis. */
  lastStep: number;
  /** Pixels of the plot. */
  height: number;
}

/** From zero, unless the metric says otherwise or goes below: a cropped axis makes noise look like news. */
const yDomain = (
  [low, high]: NonNullable<MetricInfo['range']> = [undefined, undefined],
): [AxisEnd, AxisEnd] => [low ?? ((min: number) => Math.min(0, min)), high ?? 'auto'];

type AxisEnd = number | 'auto' | ((fitted: number) => number);

const SEVERITY_COLOR: Record<Severity, string> = {
  info: 'var(--accent)',
  warning: 'var(--warn)',
  alarm: 'var(--bad)',
};

const colorOf = (series: Series) => `var(--line-${series.color})`;

/** One chart: title with unit, current values as the legend, lines, tooltip, and the same in words for screen readers. */
export const MetricChart = memo(function MetricChart(props: Props) {
  const { spec, metrics, markers, reference, lastStep, height } = props;
  const id = useId();
  const info = metricInfo(spec.series[0].metric);
  const single = spec.series.length === 1;
  const rows = useMemo(() => {
    const names = spec.series.map((s) => s.metric);
    return withReference(chartRows(metrics, names), names, reference);
  }, [metrics, spec, reference]);
  // The same elements at every step: recharts works anew on each whose properties changed, which takes longer than new rows.
  const plot = useMemo(
    () => plotOf(spec, lastStep, height, reference !== undefined),
    [spec, lastStep, height, reference],
  );
  return (
    <figure className="chart" aria-labelledby={`${id}-title`} aria-describedby={`${id}-words`}>
      <figcaption>
        <h3 id={`${id}-title`} title={info.help}>
          {spec.title} {info.unit && !single && <span className="unit">{info.unit}</span>}
        </h3>
        <ul className="legend">
          {spec.series.map((s) => {
            const value = lastValue(metrics, s.metric);
            return (
              <li key={s.metric} title={metricInfo(s.metric).help}>
                <svg width="18" height="8" aria-hidden="true">
                  <line
                    x1="0"
                    y1="4"
                    x2="18"
                    y2="4"
                    stroke={colorOf(s)}
                    strokeWidth="2"
                    strokeDasharray={s.dash}
                  />
                  {s.dots && <circle cx="9" cy="4" r="3" fill={colorOf(s)} />}
                </svg>
                {!single && s.label}{' '}
                <strong>
                  {value === undefined
                    ? '–'
                    : formatValue(value, single || info.unit === '%' ? info.unit : '')}
                </strong>
              </li>
            );
          })}
        </ul>
      </figcaption>
      <p id={`${id}-words`} className="sr-only">
        {info.help} {spec.series.map((s) => describeSeries(metrics, s.metric, s.label)).join(' ')}{' '}
        {describeMarkers(markers)}
      </p>
      <div style={{ height }} aria-hidden="true">
        <ResponsiveContainer width="100%" height="100%">
          <LineChart data={rows} margin={MARGIN} syncId="run" syncMethod="value" accessibilityLayer={false}>
            {plot}
            {markers.map((marker, row) => (
              <ReferenceLine
                key={marker.number}
                x={marker.step}
                stroke={SEVERITY_COLOR[marker.severity]}
                strokeDasharray="3 3"
                zIndex={DefaultZIndexes.activeDot}
                label={<Flag marker={marker} row={row} flip={marker.step > 0.9 * lastStep} />}
              />
            ))}
          </LineChart>
        </ResponsiveContainer>
      </div>
    </figure>
  );
});

const MARGIN = { top: 6, right: 8, bottom: 0, left: 0 };

/** Grid, axes, tooltip and lines. */
function plotOf(spec: ChartSpec, lastStep: number, height: number, hasReference: boolean) {
  const { unit, range } = metricInfo(spec.series[0].metric);
  return (
    <>
      <CartesianGrid vertical={false} stroke="var(--grid)" />
      <XAxis
        dataKey="step"
        type="number"
        domain={[0, lastStep]}
        tickCount={7}
        tickLine={false}
        stroke="var(--axis)"
        height={20}
      />
      <YAxis
        domain={yDomain(range)}
        tickFormatter={(value: number) => (unit === '%' ? `${Math.round(value * 100)}` : formatNumber(value))}
        width={44}
        tickCount={height > 120 ? 5 : 3}
        tickLine={false}
        axisLine={false}
      />
      <Tooltip
        isAnimationActive={false}
        content={({ active, payload }) => (
          <Values active={active} row={rowOf(payload)} spec={spec} unit={unit} />
        )}
        cursor={{ stroke: 'var(--axis)' }}
      />
      {hasReference &&
        spec.series.map((s) => (
          <Line
            key={referenceKey(s.metric)}
            dataKey={referenceKey(s.metric)}
            stroke={colorOf(s)}
            strokeWidth={0.8}
            strokeOpacity={0.6}
            dot={false}
            activeDot={false}
            type="linear"
            connectNulls
            shape={StillLine}
            isAnimationActive={false}
          />
        ))}
      {spec.series.map((s) => (
        <Line
          key={s.metric}
          dataKey={s.metric}
          name={s.label}
          stroke={colorOf(s)}
          strokeWidth={1.75}
          strokeDasharray={s.dash}
          dot={s.dots ? { r: 2.5, fill: colorOf(s), strokeWidth: 0 } : false}
          activeDot={{ r: 3.5, strokeWidth: 0 }}
          type="linear"
          connectNulls
          shape={StillLine}
          isAnimationActive={false}
        />
      ))}
    </>
  );
}

interface ValuesProps {
  active: boolean;
  row: StepMetrics | undefined;
  spec: ChartSpec;
  unit: string;
}

function Values({ active, row, spec, unit }: ValuesProps) {
  if (!active || !row) return null;
  return (
    <div className="chart-tip">
      <div className="muted">step {row.step}</div>
      {spec.series
        .filter((s) => Number.isFinite(row[s.metric]))
        .map((s) => (
          <div key={s.metric}>
            <i style={{ background: colorOf(s) }} />
            {s.label} <strong>{formatValue(row[s.metric], unit)}</strong>
          </div>
        ))}
    </div>
  );
}
