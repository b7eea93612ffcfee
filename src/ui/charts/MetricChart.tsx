import { memo, useId, useMemo } from 'react';
import { DefaultZIndexes, Line, LineChart, ReferenceLine, Tooltip } from 'recharts';
import type { StepMetrics } from '../../lab/metrics';
import type { Severity } from '../../lab/signals';
import { formatTick, formatValue } from '../format';
import { axes, MARGIN } from './axes';
import { axisEnds } from './axis';
import { ChartMenu } from './ChartMenu';
import { useChartFiles } from './files';
import { Flag } from './Flag';
import { describeMarkers, type Marker } from './markers';
import { Plot } from './Plot';
import {
  chartRows,
  describeSeries,
  lastValue,
  metricInfo,
  referenceKey,
  valuesOf,
  withReference,
} from './rows';
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
  const files = useChartFiles(spec, metrics, reference);
  const rows = useMemo(() => {
    const names = spec.series.map((s) => s.metric);
    return withReference(chartRows(metrics, names), names, reference);
  }, [metrics, spec, reference]);
  const count = height > 120 ? 5 : 3;
  const [low, high] = useMemo(() => {
    const keys = spec.series.flatMap(({ metric }) => [metric, referenceKey(metric)]);
    return axisEnds(valuesOf(rows, keys), count, info.range);
  }, [rows, spec, count, info]);
  // The same elements at every step: recharts works anew on each whose properties changed, which takes longer than new rows.
  const plot = useMemo(
    () => plotOf(spec, reference !== undefined, { lastStep, low, high, count }),
    [spec, reference, lastStep, low, high, count],
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
        <ChartMenu files={files} />
      </figcaption>
      <p id={`${id}-words`} className="sr-only">
        {info.help} {spec.series.map((s) => describeSeries(metrics, s.metric, s.label)).join(' ')}{' '}
        {describeMarkers(markers)}
      </p>
      <Plot height={height}>
        {(width) => (
          <LineChart
            {...{ width, height }}
            data={rows}
            margin={MARGIN}
            syncId="run"
            syncMethod="value"
            accessibilityLayer={false}
          >
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
        )}
      </Plot>
    </figure>
  );
});

/** Grid, axes, tooltip and lines. */
function plotOf(spec: ChartSpec, hasReference: boolean, scale: Omit<Parameters<typeof axes>[0], 'format'>) {
  const { unit } = metricInfo(spec.series[0].metric);
  return (
    <>
      {axes({ ...scale, format: (value) => formatTick(value, unit) })}
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
