import type { Marker } from './markers';

const SIZE = 15;

interface Props {
  marker: Marker;
  /** Flags of one chart stand below each other, so that close steps stay legible. */
  row: number;
  /** Of the reference line; given by recharts. */
  viewBox?: { x?: number; y?: number };
  /** To the left of the line: near the chart's right end. */
  flip: boolean;
}

/** A numbered flag at the top of a signal's line. */
export function Flag({ marker, row, viewBox, flip }: Props) {
  const { x = 0, y = 0 } = viewBox ?? {};
  const left = flip ? x - SIZE : x;
  const top = y + row * (SIZE + 2);
  return (
    <g className={`flag-mark ${marker.severity}`}>
      <rect x={left} y={top} width={SIZE} height={SIZE} rx={2} />
      <text x={left + SIZE / 2} y={top + SIZE / 2} dy="0.35em" textAnchor="middle">
        {marker.number}
      </text>
    </g>
  );
}
