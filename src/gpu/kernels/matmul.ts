/** A linear layer y = x Wᵀ + b (W as Hugging Face keeps it, [outputs, inputs]) and its gradients: shaders/matmul.wgsl. */
import matmulWgsl from '../../../shaders/matmul.wgsl?raw';
import reduceWgsl from '../../../shaders/reduce.wgsl?raw';
import columnSumWgsl from '../../../shaders/column_sum.wgsl?raw';
import type { Gpu } from '../device';
import type { Binding, Dispatch, Sizes } from '../program';
import { f32Literal } from '../wgsl';
import { rowWords, weightConstants, withWeights, type WeightType } from './packed-weights';

/** Results per thread (RM × RN; RN a multiple of 4), threads per workgroup (WX × WY), and steps of k at once (1 or 4). */
export interface Tile {
  RM: number;
  RN: number;
  WX: number;
  WY: number;
  KU: 1 | 4;
  /** Each of 4 lanes loads one step of k of A and spreads it to the others (WX a multiple of 4, KU 4, subgroups of 4). */
  BROADCAST?: boolean;
}

/** Tokens whose weight gradient one workgroup adds up; the chunks' results are summed afterwards. */
export const TOKEN_CHUNK = 512;

/** Rows up to which activations must be allocated, so that a tile may read past the last one. */
export const ROW_PADDING = 64;

export const tokenChunks = (tokens: number): number => Math.ceil(tokens / TOKEN_CHUNK);

const TILES = {
  wide: { RM: 16, RN: 8, WX: 8, WY: 4, KU: 4 },
  broadcast: { RM: 32, RN: 8, WX: 4, WY: 2, KU: 4, BROADCAST: true },
  square: { RM: 8, RN: 8, WX: 8, WY: 4, KU: 1 },
  medium: { RM: 8, RN: 8, WX: 8, WY: 4, KU: 4 },
  small: { RM: 4, RN: 4, WX: 8, WY: 4, KU: 4 },
  few: { RM: 8, RN: 4, WX: 32, WY: 1, KU: 1 },
  row: { RM: 1, RN: 4, WX: 32, WY: 1, KU: 4 },
} satisfies Record<string, Tile>;

export type TileName = keyof typeof TILES;

export const tileNames = Object.keys(TILES) as TileName[];

/** Results per thread up to which each has a store of its own; a CPU's compiler takes long over more of them than over a loop. */
const MOST_STORED_AT_ONCE = 64;

/** Columns `first`, `first` + 1, … of a matrix that is `of` columns wide. */
export interface Columns {
  first: number;
  of: number;
}

/** From how many results on a weight gradient is added to in place: there are enough of them for all threads. */
const DIRECT_RESULTS = 2 ** 19;

export interface LinearShape {
  /** Outputs of the layer (rows of W). */
  outputs: number;
  inputs: number;
}

/** How many rows a replay computes; read from its sizes under this name, and by the shader from `rows`. */
export interface Rows {
  uniform: Binding;
  count: (sizes: Sizes) => number;
}

/** `Shape` of the shader, in the order of its members. */
const SHAPE = ['M', 'N', 'K', 'LDA', 'A0', 'LDB', 'B0', 'LDC', 'C0', 'LDR', 'CHUNK'] as const;
type Shape = Partial<Record<(typeof SHAPE)[number], number>>;

interface Product {
  label: string;
  orientation: 'NT' | 'NN' | 'TN';
  tile: Tile;
  /** Of B. */
  weightType?: WeightType;
  shape: Shape & { N: number };
  options?: ProductOptions;
  rows: Rows;
  operands: [a: Binding, b: Binding, c: Binding];
  /** Added to the result: a row of the result's width, or one for all rows when `shape.LDR` is 0. */
  added?: Binding;
  /** Workgroups for tiles of so many rows and columns. */
  tiles: (sizes: Sizes, tileRows: number, tileColumns: number) => readonly [number, number, number?];
}

function dispatch({
  label,
  orientation,
  tile: asked,
  weightType = 'float32',
  shape,
  options = {},
  rows,
  operands,
  added,
  tiles,
}: Product): Dispatch {
  const { accumulate = false, scale = 1 } = options;
  const isPacked = weightType !== 'float32';
  const tile: Tile = isPacked ? { ...asked, KU: 4 } : asked;
  const { BROADCAST = false, ...sizes } = tile;
  const isLooped = tile.RM * tile.RN > MOST_STORED_AT_ONCE;
  return {
    label,
    source: withWeights(matmulWgsl, weightType),
    constants: {
      ...sizes,
      BROADCAST,
      ...weightConstants(weightType),
      GROUPED: isPacked && orientation === 'NN',
      GROUPS: tile.RN / 4,
      NT: orientation === 'NT',
      TN: orientation === 'TN',
      UNROLLED: tile.KU === 4,
      TAIL: orientation === 'TN' ? tile.KU > 1 : shape.K! % tile.KU > 0,
      LOOPED: isLooped,
      STORES: isLooped ? 1 : tile.RM,
      EDGE: shape.N % (tile.WX * tile.RN) > 0,
      ADDED: added !== undefined,
      ACCUMULATE: accumulate,
      SCALED: scale !== 1,
      ...(scale !== 1 && { SCALE: f32Literal(scale) }),
    },
    bindings: [
      rows.uniform,
      { words: SHAPE.map((name) => shape[name] ?? 0) },
      ...operands,
      ...(added ? [added] : []),
    ],
    grid: (sizes) => tiles(sizes, tile.WY * tile.RM, tile.WX * tile.RN),
  };
}

/** What a product is besides itself. */
export interface ProductOptions {
  /** Add to what the result holds. */
  accumulate?: boolean;
  /** Multiplies the result. */
  scale?: number;
}

export interface LinearOptions extends ProductOptions {
  bias?: Binding;
  residual?: Binding;
  weightType?: WeightType;
  /** The layer's inputs are columns of a wider x; its outputs of a wider y, residual and bias. */
  xColumns?: Columns;
  yColumns?: Columns;
}

/** y[rows, outputs] = x Wᵀ (+ bias, or + residual[rows, outputs]). */
export function linear(
  label: string,
  { outputs, inputs }: LinearShape,
  rows: Rows,
  x: Binding,
  weight: Binding,
  y: Binding,
  options: LinearOptions = {},
  tile: Tile = TILES.small,
): Dispatch {
  const { bias, residual, weightType = 'float32', xColumns, yColumns } = options;
  const result = columns('C', outputs, yColumns);
  return dispatch({
    label,
    orientation: 'NT',
    tile,
    weightType,
    shape: {
      N: outputs,
      K: inputs,
      LDB: rowWords(weightType, inputs),
      ...columns('A', inputs, xColumns),
      ...result,
      LDR: bias ? 0 : result.LDC,
    },
    options,
    rows,
    operands: [x, weight, y],
    added: bias ?? residual,
    tiles: (sizes, tr, tc) => [Math.ceil(outputs / tc), Math.ceil(rows.count(sizes) / tr)],
  });
}

export interface InputGradientOptions extends ProductOptions {
  weightType?: WeightType;
  dyColumns?: Columns;
  dxColumns?: Columns;
}

/** dx[rows, inputs] = dy W. */
export function linearInputGradient(
  label: string,
  { outputs, inputs }: LinearShape,
  rows: Rows,
  dy: Binding,
  weight: Binding,
  dx: Binding,
  tile: Tile = TILES.small,
  options: InputGradientOptions = {},
): Dispatch {
  const { weightType = 'float32' } = options;
  return dispatch({
    label,
    orientation: 'NN',
    tile,
    weightType,
    shape: {
      N: inputs,
      K: outputs,
      ...columns('A', outputs, options.dyColumns),
      LDB: rowWords(weightType, inputs),
      ...columns('C', inputs, options.dxColumns),
    },
    options,
    rows,
    operands: [dy, weight, dx],
    tiles: (sizes, tr, tc) => [Math.ceil(inputs / tc), Math.ceil(rows.count(sizes) / tr)],
  });
}

/** Floats of partial sums that the weight gradient of up to `tokens` tokens needs; large matrices need none. */
export const partialSums = ({ outputs, inputs }: LinearShape, tokens: number): number =>
  outputs * inputs >= DIRECT_RESULTS ? 0 : tokenChunks(tokens) * outputs * inputs;

/**
 * dW[outputs, inputs] += dyᵀ x, by chunks of tokens through `partials` [chunks, outputs, inputs], or in place where that
 * has work for all threads already.
 */
export function linearWeightGradient(
  label: string,
  shape: LinearShape,
  rows: Rows,
  dy: Binding,
  x: Binding,
  partials: Binding,
  dWeight: Binding,
  tile: Tile = TILES.small,
  { dyColumns, xColumns }: { dyColumns?: Columns; xColumns?: Columns } = {},
): Dispatch[] {
  const { outputs, inputs } = shape;
  const inPlace = partialSums(shape, 1) === 0;
  const product = dispatch({
    label,
    orientation: 'TN',
    tile,
    shape: {
      M: outputs,
      N: inputs,
      CHUNK: inPlace ? 0xffffffff : TOKEN_CHUNK,
      ...columns('A', outputs, dyColumns),
      ...columns('B', inputs, xColumns),
      ...columns('C', inputs),
    },
    options: { accumulate: inPlace },
    rows,
    operands: [dy, x, inPlace ? dWeight : partials],
    tiles: (sizes, tr, tc) => [
      Math.ceil(inputs / tc),
      Math.ceil(outputs / tr),
      inPlace ? Math.min(1, rows.count(sizes)) : tokenChunks(rows.count(sizes)),
    ],
  });
  if (inPlace) return [product];
  return [product, reducePartials(`${label} sum`, outputs * inputs, rows, partials, dWeight)];
}

/** Where the columns of matrix `name` begin, and how wide the matrix is that they are of. */
function columns<Name extends 'A' | 'B' | 'C'>(
  name: Name,
  width: number,
  { first, of }: Columns = { first: 0, of: width },
): Record<`LD${Name}` | `${Name}0`, number> {
  return { [`LD${name}`]: of, [`${name}0`]: first } as Record<`LD${Name}` | `${Name}0`, number>;
}

/** out[size] += Σ over chunks of partials[chunks, size]. */
export function reducePartials(
  label: string,
  size: number,
  rows: Rows,
  partials: Binding,
  out: Binding,
): Dispatch {
  return {
    label,
    source: reduceWgsl,
    constants: { SIZE: size, CHUNK: TOKEN_CHUNK },
    bindings: [rows.uniform, partials, out],
    grid: () => [Math.min(4096, Math.ceil(size / 256))],
  };
}

/** out[columns] += Σ_t dy[t, columns] (a bias), or Σ_t dy·x·rstd (an RMSNorm's weight). */
export function columnSum(
  label: string,
  columns: number,
  rows: Rows,
  dy: Binding,
  partials: Binding,
  out: Binding,
  norm?: { x: Binding; rstd: Binding },
): Dispatch[] {
  return [
    {
      label,
      source: columnSumWgsl,
      constants: { N: columns, CHUNK: TOKEN_CHUNK, NORM: Boolean(norm) },
      bindings: [rows.uniform, dy, partials, ...(norm ? [norm.x, norm.rstd] : [])],
      grid: (sizes) => [Math.ceil(columns / 32), tokenChunks(rows.count(sizes))],
    },
    reducePartials(`${label} sum`, columns, rows, partials, out),
  ];
}

/** Whether four threads of neighbouring columns can spread what one has loaded to the others: subgroups of just so many. */
export const canBroadcast = (gpu: Gpu): boolean => gpu.subgroupSize === 4;

/** A tile as this device can run it: without broadcasts where its subgroups are not of 4. */
export function tileByName(gpu: Gpu, name: TileName): Tile {
  const tile: Tile = TILES[name];
  return { ...tile, BROADCAST: tile.BROADCAST === true && canBroadcast(gpu) };
}

/** The tile for products with a low rank on one side, beside one in `tile`: a large one would be mostly empty. */
export const lowRankTile = (tile: Tile): Tile =>
  tile === TILES.row || tile === TILES.few ? tile : TILES.small;

/**
 * The tile that measured best for this many rows: few loads per multiplication on SwiftShader, whose loads are dear;
 * short loops on llvmpipe, whose compiler is; many threads on a real GPU. Where threads are lanes of a processor, a thread
 * without rows costs as much as one with: a handful of rows is one thread high.
 */
export function chooseTile(gpu: Gpu, rows: number): Tile {
  if (rows <= 4) return TILES.row;
  switch (gpu.kind) {
    case 'hardware':
      return TILES.small;
    case 'llvmpipe':
      return rows <= 8 ? TILES.few : TILES.square;
    case 'swiftshader':
      if (rows <= 16) return TILES.few;
      if (rows < 32) return TILES.small;
      return canBroadcast(gpu) ? TILES.broadcast : TILES.wide;
  }
}
