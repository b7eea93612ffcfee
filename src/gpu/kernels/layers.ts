/** Embedding, RMSNorm, rotary embedding and SwiGLU over packed tokens, forward and backward. */
import embeddingWgsl from '../../../shaders/embedding.wgsl?raw';
import embeddingBackwardWgsl from '../../../shaders/embedding_backward.wgsl?raw';
import qkNormSumWgsl from '../../../shaders/qk_norm_sum.wgsl?raw';
import rmsnormWgsl from '../../../shaders/rmsnorm.wgsl?raw';
import rmsnormBackwardWgsl from '../../../shaders/rmsnorm_backward.wgsl?raw';
import ropeWgsl from '../../../shaders/rope.wgsl?raw';
import ropeBackwardWgsl from '../../../shaders/rope_backward.wgsl?raw';
import swigluWgsl from '../../../shaders/swiglu.wgsl?raw';
import { spread, type Binding, type Dispatch, type Sizes } from '../program';
import { f32Literal } from '../wgsl';
import { reducePartials, TOKEN_CHUNK, tokenChunks, type Rows } from './matmul';
import { rowWords, weightConstants, withWeights, type WeightType } from './packed-weights';

export interface HeadShape {
  /** Query heads, key/value heads, dimensions of each (a multiple of 4). */
  heads: number;
  kvHeads: number;
  headDim: number;
}

export const headConstants = ({ heads, kvHeads, headDim }: HeadShape) => ({
  H: heads,
  KV: kvHeads,
  HD: headDim,
  HD4: headDim / 4,
  SCALE: f32Literal(1 / Math.sqrt(headDim)),
});

/** Whether rows of so many values can be read four at a time. */
export const inFours = (width: number): boolean => width % 4 === 0;

/** One thread per item, `width` to a workgroup. */
const perRow = (rows: Rows, itemsPerRow: number, width: number) => (sizes: Sizes) =>
  [Math.ceil((rows.count(sizes) * itemsPerRow) / width)] as const;

/** One thread per element of rows `width` wide, 256 to a workgroup. */
const perElement = (rows: Rows, width: number) => (sizes: Sizes) =>
  spread(Math.ceil((rows.count(sizes) * width) / 256));

/** Rows `first`, `first` + 1, … of a table that is kept in several parts. */
export interface TablePart {
  first: number;
  rows: number;
}

const partConstants = (part?: TablePart) => ({
  PART: Boolean(part),
  FIRST: part?.first ?? 0,
  ROWS: part?.rows ?? 0,
});

/** Of a table of weights, `width` to a row. */
export const tableConstants = (width: number, part: TablePart | undefined, type: WeightType) => ({
  D: width,
  WORDS: rowWords(type, width),
  ...partConstants(part),
  ...weightConstants(type),
});

/** y[t] = table[ids[t]]; of a `part` of the table, only for the ids in it. */
export function embedding(
  width: number,
  rows: Rows,
  ids: Binding,
  table: Binding,
  y: Binding,
  part?: TablePart,
  weightType: WeightType = 'float32',
): Dispatch {
  return {
    label: 'embedding',
    source: withWeights(embeddingWgsl, weightType),
    constants: tableConstants(width, part, weightType),
    bindings: [rows.uniform, ids, table, y],
    grid: perElement(rows, width),
  };
}

/** dTable[id] += Σ dy; `used` and `order` are made by `groupById`. The uniform's y holds how many ids are in use. */
export function embeddingGradient(
  width: number,
  uniform: Binding,
  usedIds: (sizes: Sizes) => number,
  used: Binding,
  order: Binding,
  dy: Binding,
  dTable: Binding,
  part?: TablePart,
): Dispatch {
  return {
    label: 'embedding gradient',
    source: embeddingBackwardWgsl,
    constants: { D: width, ...partConstants(part) },
    bindings: [uniform, used, order, dy, dTable],
    grid: (sizes) => spread(Math.ceil((usedIds(sizes) * width) / 256)),
  };
}

/** Lists tokens by id: `used` holds [id, begin, end, 0] for each id that occurs, `order` the tokens grouped so. */
export function groupById(ids: Uint32Array): { used: Uint32Array; order: Uint32Array } {
  const order = Uint32Array.from(ids.keys()).sort((a, b) => ids[a] - ids[b] || a - b);
  const used: number[] = [];
  for (let begin = 0, end = 0; begin < order.length; begin = end) {
    const id = ids[order[begin]];
    while (end < order.length && ids[order[end]] === id) end++;
    used.push(id, begin, end, 0);
  }
  return { used: new Uint32Array(used), order };
}

/** y = RMSNorm(x) with weights `w` [width]; keeps 1/rms in `rstd`. */
export function rmsnorm(
  label: string,
  width: number,
  epsilon: number,
  rows: Rows,
  x: Binding,
  w: Binding,
  y: Binding,
  rstd: Binding,
): Dispatch {
  return {
    label,
    source: rmsnormWgsl,
    constants: { D: width, FOURS: inFours(width), EPS: f32Literal(epsilon) },
    bindings: [rows.uniform, x, w, y, rstd],
    grid: perRow(rows, 1, 32),
  };
}

/** Input gradient of `rmsnorm`; with `add` it is added to `dx`. */
export function rmsnormInputGradient(
  label: string,
  width: number,
  rows: Rows,
  x: Binding,
  w: Binding,
  rstd: Binding,
  dy: Binding,
  dx: Binding,
  add: boolean,
): Dispatch {
  return {
    label,
    source: rmsnormBackwardWgsl,
    constants: { D: width, ADD: add },
    bindings: [rows.uniform, x, w, rstd, dy, dx],
    grid: perRow(rows, 1, 32),
  };
}

/** Rotates q and k of packed qkv rows into `qk`; Qwen3's per-head norm first when `norm` is given. */
export function rope(
  shape: HeadShape,
  epsilon: number,
  rows: Rows,
  qkv: Binding,
  angles: Binding,
  qk: Binding,
  positions: Binding,
  norm?: { weights: Binding; rstd: Binding },
): Dispatch {
  const heads = shape.heads + shape.kvHeads;
  return {
    label: 'rope',
    source: ropeWgsl,
    constants: {
      ...headConstants(shape),
      HEADS: heads,
      EPS: f32Literal(epsilon),
      FOURS: inFours(shape.headDim / 2),
      QK_NORM: Boolean(norm),
      CACHE: false,
    },
    bindings: [rows.uniform, qkv, angles, qk, positions, ...(norm ? [norm.weights, norm.rstd] : [])],
    grid: perRow(rows, heads, 32),
  };
}

/** Gradient of `rope` into the q and k part of `dqkv`; with `norm` also adds to its weights' gradient. */
export function ropeGradient(
  shape: HeadShape,
  rows: Rows,
  dqk: Binding,
  angles: Binding,
  positions: Binding,
  dqkv: Binding,
  norm?: {
    qkv: Binding;
    weights: Binding;
    rstd: Binding;
    perToken: Binding;
    partials: Binding;
    /** Nothing is added up when there is none. */
    dWeights?: Binding;
  },
): Dispatch[] {
  const heads = shape.heads + shape.kvHeads;
  const rotate: Dispatch = {
    label: 'rope gradient',
    source: ropeBackwardWgsl,
    constants: { ...headConstants(shape), QK_NORM: Boolean(norm) },
    bindings: [
      rows.uniform,
      dqk,
      angles,
      positions,
      dqkv,
      ...(norm ? [norm.qkv, norm.weights, norm.rstd, norm.perToken] : []),
    ],
    grid: perRow(rows, heads, 32),
  };
  if (!norm?.dWeights) return [rotate];
  return [
    rotate,
    {
      label: 'q/k norm gradient',
      source: qkNormSumWgsl,
      constants: { ...headConstants(shape), CHUNK: TOKEN_CHUNK },
      bindings: [rows.uniform, norm.perToken, norm.partials],
      grid: (sizes) => [Math.ceil((2 * shape.headDim) / 32), tokenChunks(rows.count(sizes))],
    },
    reducePartials('q/k norm gradient sum', 2 * shape.headDim, rows, norm.partials, norm.dWeights),
  ];
}

/** Cos/sin table of `positions` positions, [positions, headDim]: headDim/2 cosines, then headDim/2 sines. */
export function ropeAngles(positions: number, headDim: number, theta: number): Float32Array {
  const half = headDim / 2;
  const table = new Float32Array(positions * headDim);
  for (let p = 0; p < positions; p++) {
    for (let c = 0; c < half; c++) {
      const angle = p * theta ** (-c / half);
      table[p * headDim + c] = Math.cos(angle);
      table[p * headDim + half + c] = Math.sin(angle);
    }
  }
  return table;
}

/** y = silu(gate) ∘ up; a row of `gateUp` is `width` gates, then `width` ups. */
export function swiglu(width: number, rows: Rows, gateUp: Binding, y: Binding): Dispatch {
  return {
    label: 'swiglu',
    source: swigluWgsl,
    constants: { F: width, FOURS: inFours(width), BACKWARD: false },
    bindings: [rows.uniform, gateUp, y],
    grid: perElement(rows, inFours(width) ? width / 4 : width),
  };
}

export function swigluGradient(
  width: number,
  rows: Rows,
  gateUp: Binding,
  dy: Binding,
  dGateUp: Binding,
): Dispatch {
  return {
    label: 'swiglu gradient',
    source: swigluWgsl,
    constants: { F: width, FOURS: inFours(width), BACKWARD: true },
    bindings: [rows.uniform, gateUp, dy, dGateUp],
    grid: perElement(rows, inFours(width) ? width / 4 : width),
  };
}
