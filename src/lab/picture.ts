/** Panels of curves as an SVG picture that stands by itself: no script, no font, nothing from elsewhere. */

import { max, min, nice, ticks } from 'd3-array';

export interface DrawnCurve {
  label: string;
  /** Ascending; `mean`, `low` and `high` are finite, and one for each step. */
  steps: readonly number[];
  mean: readonly number[];
  low: readonly number[];
  high: readonly number[];
}

export interface DrawnPanel {
  title: string;
  /** Below the title, for instance which metric is drawn. */
  note?: string;
  /** Drawn as percent of 0..1; otherwise the axis starts at 0, or below it where the data does, and fits the data. */
  share: boolean;
  curves: readonly DrawnCurve[];
  /** Thin lines in the colours of the curves, of another run that these are to be compared with. */
  behind?: readonly DrawnCurve[];
}

/** Of the arms of a comparison, or the curves of a panel, in their order. */
export const COLOURS = ['#2563a8', '#c2571a', '#2f855a', '#8b4fb3', '#b7352d', '#8a6d00'];

const SMALL = { width: 320, height: 210 };
const LARGE = { width: 640, height: 400 };
const THIN = 'stroke-width="0.8" stroke-opacity="0.6"';
const COLUMNS = 3;
const MARGIN = { left: 44, right: 12, bottom: 30 };
const LINE = 16;
/** Of the vertical axis, about. */
const TICKS = 4;

type Size = typeof SMALL;

/** @param legend of the whole page; otherwise each panel has its own */
export function drawPage(
  title: string,
  panels: readonly DrawnPanel[],
  legend: readonly string[] = [],
): string {
  const rows = Math.ceil(panels.length / COLUMNS);
  const width = COLUMNS * SMALL.width;
  const key = legendSvg(legend, 20, 46, width);
  const top = 40 + (legend.length ? 4 + LINE * key.rows : 0);
  const body = panels.map((panel, i) => {
    const at = `translate(${(i % COLUMNS) * SMALL.width},${top + Math.floor(i / COLUMNS) * SMALL.height})`;
    return `<g transform="${at}">${panelSvg(panel, SMALL, legend.length === 0)}</g>`;
  });
  const heading = `<text x="16" y="26" font-size="15" font-weight="600">${escapeXml(title)}</text>`;
  return picture({ width, height: rows * SMALL.height + top }, `${heading}${key.svg}\n${body.join('\n')}`);
}

/** One panel with its own legend. */
export const drawPanel = (panel: DrawnPanel): string => picture(LARGE, panelSvg(panel, LARGE, true));

const picture = ({ width, height }: Size, body: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="11">
<style>text{fill:#1f2933}.note{fill:#5b6672}.grid{stroke:#d9dee3}.page{fill:#fff}${DARK}</style>
<rect class="page" width="${width}" height="${height}"/>
${body}
</svg>
`;

const DARK =
  '@media(prefers-color-scheme:dark){text{fill:#e6e9ec}.note{fill:#a3adb8}.grid{stroke:#3a424b}.page{fill:#14181d}}';

/** The picture as it is on paper, whatever the reader's screen prefers. */
export const onPaper = (svg: string): string => svg.replace(DARK, '');

/** Labels side by side, in as many rows as they need. @param width of the picture */
function legendSvg(
  labels: readonly string[],
  x: number,
  y: number,
  width: number,
): { svg: string; rows: number } {
  let at = x;
  let rows = 1;
  const parts = labels.map((label, i) => {
    const room = Math.max(120, 28 + 6.2 * label.length);
    if (at > x && at + room > width) [at, rows] = [x, rows + 1];
    const row = y + LINE * (rows - 1);
    const mark = `<circle cx="${r(at)}" cy="${row - 4}" r="4" fill="${colourOf(i)}"/><text class="note" x="${r(at + 8)}" y="${row}">${escapeXml(label)}</text>`;
    at += room;
    return mark;
  });
  return { svg: parts.join(''), rows };
}

function panelSvg(
  { title, note, share, curves, behind = [] }: DrawnPanel,
  size: Size,
  withLegend: boolean,
): string {
  const legend = withLegend
    ? legendSvg(
        curves.map(({ label }) => label),
        MARGIN.left + 4,
        36,
        size.width,
      )
    : { svg: '', rows: 1 };
  const above = 28 + LINE * legend.rows;
  const all = [...curves, ...behind];
  const lastStep = Math.max(1, ...all.map((c) => c.steps.at(-1) ?? 0));
  const [bottom, top] = share ? [0, 1] : range(all);
  const x = (step: number) => MARGIN.left + ((size.width - MARGIN.left - MARGIN.right) * step) / lastStep;
  const y = (value: number) =>
    above + (size.height - above - MARGIN.bottom) * (1 - (value - bottom) / (top - bottom));
  const lines = (share ? [0, 0.25, 0.5, 0.75, 1] : ticks(bottom, top, TICKS)).map((value) => {
    const text = share ? `${Math.round(value * 100)} %` : String(Number(value.toPrecision(6)));
    return `<line class="grid" x1="${MARGIN.left}" x2="${size.width - MARGIN.right}" y1="${r(y(value))}" y2="${r(y(value))}"/><text class="note" x="${MARGIN.left - 6}" y="${r(y(value) + 4)}" text-anchor="end">${text}</text>`;
  });
  const steps = [0, lastStep / 2, lastStep].map(
    (step) =>
      `<text class="note" x="${r(x(step))}" y="${size.height - MARGIN.bottom + 16}" text-anchor="middle">${Math.round(step)}</text>`,
  );
  const drawn = [
    ...behind.map((curve, i) => curveSvg(curve, colourOf(i), x, y, THIN)),
    ...curves.map((curve, i) => curveSvg(curve, colourOf(i), x, y)),
  ];
  const below = note ? `<text class="note" x="${MARGIN.left}" y="34">${escapeXml(note)}</text>` : '';
  return `<text x="${MARGIN.left}" y="18" font-size="13" font-weight="600">${escapeXml(title)}</text>${below}${legend.svg}${[...lines, ...steps, ...drawn].join('')}`;
}

type Scale = (value: number) => number;

/** The band from lowest to highest and the line of means; of a single point, a dot. */
function curveSvg(
  { steps, mean, low, high }: DrawnCurve,
  colour: string,
  x: Scale,
  y: Scale,
  stroke = 'stroke-width="2"',
): string {
  if (steps.length === 1)
    return `<circle cx="${r(x(steps[0]))}" cy="${r(y(mean[0]))}" r="3" fill="${colour}"/>`;
  const points = (values: readonly number[]) => steps.map((step, k) => `${r(x(step))},${r(y(values[k]))}`);
  const band = mean.some((value, k) => low[k] !== value || high[k] !== value)
    ? `<polygon points="${[...points(high), ...points(low).reverse()].join(' ')}" fill="${colour}" fill-opacity="0.18"/>`
    : '';
  return `${band}<polyline points="${points(mean).join(' ')}" fill="none" stroke="${colour}" ${stroke}/>`;
}

/** From 0, or below it, to the highest value, both round. */
function range(curves: readonly DrawnCurve[]): [bottom: number, top: number] {
  const lowest = min(curves, ({ low }) => min(low)) ?? 0;
  const highest = max(curves, ({ high }) => max(high)) ?? 0;
  return nice(Math.min(0, lowest), Math.max(lowest < 0 ? 0 : 1e-9, highest), TICKS);
}

const colourOf = (i: number): string => COLOURS[i % COLOURS.length];
const r = (value: number): string => value.toFixed(1);

/** Text as XML and HTML take it, in an element or in a quoted attribute; characters that neither allows become �. */
export const escapeXml = (text: string): string =>
  text
    .replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
