import { CartesianGrid, XAxis, YAxis } from 'recharts';
import type { BaseTickContentProps } from 'recharts';
import { axisTicks, stepTicks } from './axis';

export const MARGIN = { top: 6, right: 8, bottom: 0, left: 0 };

interface Axes {
  /** Right end of the step axis. */
  lastStep: number;
  low: number;
  high: number;
  /** About how many ticks the value axis has. */
  count: number;
  format: (value: number) => string;
}

/** Grid and axes whose ticks recharts need neither choose nor measure. Not a component: recharts looks for its own among a chart's children. */
export const axes = ({ lastStep, low, high, count, format }: Axes) => (
  <>
    <CartesianGrid vertical={false} stroke="var(--grid)" />
    <XAxis
      dataKey="step"
      type="number"
      domain={[0, lastStep]}
      ticks={stepTicks(lastStep, 7)}
      interval={0}
      niceTicks="none"
      tick={(props: BaseTickContentProps) => tickText(props, String(props.payload.value), '0.71em')}
      tickLine={false}
      stroke="var(--axis)"
      height={20}
    />
    <YAxis
      type="number"
      domain={[low, high]}
      ticks={axisTicks(low, high, count)}
      interval={0}
      niceTicks="none"
      tick={(props: BaseTickContentProps) => tickText(props, format(Number(props.payload.value)), '0.355em')}
      width={44}
      tickLine={false}
      axisLine={false}
    />
  </>
);

const tickText = ({ x, y, textAnchor, fill }: BaseTickContentProps, text: string, dy: string) => (
  <text {...{ x, y, dy, textAnchor, fill }}>{text}</text>
);
