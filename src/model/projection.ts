/** The linear layers of a model as dispatches: weights in as many parts as they are bound in, and adapters beside them. */
import {
  linear,
  linearInputGradient,
  linearWeightGradient,
  lowRankTile,
  type LinearShape,
  type Rows,
  type Tile,
} from '../gpu/kernels/matmul';
import type { Binding, Dispatch } from '../gpu/program';
import type { BoundLora } from './lora';
import type { BlockRange } from './parameter-array';

export interface Projection {
  label: string;
  shape: LinearShape;
  /** Rows of the weight [outputs, inputs]. */
  weight: readonly BlockRange[];
  lora?: BoundLora;
}

/** h = alpha/r · x Aᵀ: columns of it for each module of an adapter, r each. */
const hColumns = ({ r, b }: BoundLora, module: number) => ({ first: module * r, of: b.length * r });

/**
 * y = x Wᵀ (+ bias, or + residual), and with an adapter + h Bᵀ.
 * @param h [rows, modules · r], kept for the gradient
 */
export function project(
  { label, shape, weight, lora }: Projection,
  rows: Rows,
  { x, y, h, bias, residual }: { x: Binding; y: Binding; h: Binding; bias?: Binding; residual?: Binding },
  tile: Tile,
): Dispatch[] {
  const { inputs, outputs } = shape;
  const dispatches = weight.map((range) =>
    linear(
      label,
      { inputs, outputs: range.rows },
      rows,
      x,
      range.binding,
      y,
      { bias, residual, weightType: range.type, yColumns: { first: range.first, of: outputs } },
      tile,
    ),
  );
  if (!lora) return dispatches;
  const { r, b } = lora;
  return [
    ...dispatches,
    ...projectLow({ label, shape, lora }, rows, { x, h }, tile),
    ...b.map(({ binding, first, outputs: own }, module) =>
      linear(
        `${label} LoRA B`,
        { inputs: r, outputs: own },
        rows,
        h,
        binding,
        y,
        { accumulate: true, xColumns: hColumns(lora, module), yColumns: { first, of: outputs } },
        lowRankTile(tile),
      ),
    ),
  ];
}

/** h alone: what the gradient needs of a layer whose output is not wanted. */
export function projectLow(
  { label, shape, lora }: Omit<Projection, 'weight'>,
  rows: Rows,
  { x, h }: { x: Binding; h: Binding },
  tile: Tile,
): Dispatch[] {
  if (!lora) return [];
  const { r, scale, a, b } = lora;
  const down = { inputs: shape.inputs, outputs: b.length * r };
  return [linear(`${label} LoRA A`, down, rows, x, a, h, { scale }, lowRankTile(tile))];
}

export interface ProjectionGradient {
  dy: Binding;
  x: Binding;
  /** Not computed when there is none. */
  dx?: Binding;
  partials: Binding;
  /** Of the adapter, from the forward pass; and its gradient, scratch. */
  h: Binding;
  dh: Binding;
}

/** Where the gradients of what is trained of a linear layer go. */
export interface ProjectionTarget {
  weight?: readonly BlockRange[];
  lora?: BoundLora;
}

/** dW += dyᵀ x and the like for what is trained, then dx = dy W (+ dh A), or dx += with `accumulate`. */
export function projectionGradient(
  { label, shape, weight, lora }: Projection,
  rows: Rows,
  { dy, x, dx, partials, h, dh }: ProjectionGradient,
  target: ProjectionTarget,
  tile: Tile,
  accumulate = false,
): Dispatch[] {
  const { inputs, outputs } = shape;
  const columns = ({ first }: { first: number }) => ({ first, of: outputs });
  const low = lowRankTile(tile);
  const dispatches: Dispatch[] = [];
  for (const range of target.weight ?? []) {
    const part = { inputs, outputs: range.rows };
    const views = { dyColumns: columns(range) };
    dispatches.push(
      ...linearWeightGradient(`${label} dW`, part, rows, dy, x, partials, range.binding, tile, views),
    );
  }
  if (lora && target.lora) {
    const { r, scale, b } = lora;
    b.forEach((module, i) => {
      const [own, dB] = [{ inputs: r, outputs: module.outputs }, target.lora!.b[i].binding];
      const [dyColumns, hs] = [columns(module), hColumns(lora, i)];
      const views = { dyColumns, xColumns: hs };
      dispatches.push(
        ...linearWeightGradient(`${label} dB`, own, rows, dy, h, partials, dB, low, views),
        linearInputGradient(`${label} dh`, own, rows, dy, module.binding, dh, low, {
          dyColumns,
          dxColumns: hs,
          scale,
        }),
      );
    });
    const down = { inputs, outputs: b.length * r };
    dispatches.push(...linearWeightGradient(`${label} dA`, down, rows, dh, x, partials, target.lora.a, low));
  }
  if (!dx) return dispatches;
  weight.forEach((range, i) =>
    dispatches.push(
      linearInputGradient(`${label} dx`, { inputs, outputs: range.rows }, rows, dy, range.binding, dx, tile, {
        dyColumns: columns(range),
        weightType: range.type,
        accumulate: accumulate || i > 0,
      }),
    ),
  );
  if (lora) {
    const down = { inputs, outputs: lora.b.length * lora.r };
    dispatches.push(
      linearInputGradient(`${label} LoRA dx`, down, rows, dh, lora.a, dx, low, { accumulate: true }),
    );
  }
  return dispatches;
}
