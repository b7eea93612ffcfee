/** The linear layers of a model as dispatches: weights in as many parts as they are bound in. */
import {
  linear,
  linearInputGradient,
  linearWeightGradient,
  type LinearShape,
  type Rows,
  type Tile,
} from '../gpu/kernels/matmul';
import type { Binding, Dispatch } from '../gpu/program';
import type { BlockRange } from './parameter-array';

export interface Projection {
  label: string;
  shape: LinearShape;
  /** Rows of the weight [outputs, inputs]. */
  weight: readonly BlockRange[];
}

/** y = x Wᵀ (+ bias, or + residual). */
export function project(
  { label, shape, weight }: Projection,
  rows: Rows,
  x: Binding,
  y: Binding,
  extra: { bias?: Binding; residual?: Binding },
  tile: Tile,
): Dispatch[] {
  return weight.map((range) =>
    linear(
      label,
      { ...shape, outputs: range.rows },
      rows,
      x,
      range.binding,
      y,
      { ...extra, yColumns: { first: range.first, of: shape.outputs } },
      tile,
    ),
  );
}

/** dW += dyᵀ x where the weight is trained, then dx = dy W where it is asked for, or dx += dy W with `accumulate`. */
export function projectionGradient(
  { label, shape, weight }: Projection,
  rows: Rows,
  { dy, x, dx, partials }: { dy: Binding; x: Binding; dx?: Binding; partials: Binding },
  gradient: readonly BlockRange[] | undefined,
  tile: Tile,
  accumulate = false,
): Dispatch[] {
  const columns = ({ first }: BlockRange) => ({ first, of: shape.outputs });
  const ofWeight = (gradient ?? []).flatMap((range) =>
    linearWeightGradient(
      `${label} dW`,
      { ...shape, outputs: range.rows },
      rows,
      dy,
      x,
      partials,
      range.binding,
      tile,
      { dyColumns: columns(range) },
    ),
  );
  const ofInput = (dx ? weight : []).map((range, index) =>
    linearInputGradient(
      `${label} dx`,
      { ...shape, outputs: range.rows },
      rows,
      dy,
      range.binding,
      dx!,
      tile,
      { dyColumns: columns(range), accumulate: accumulate || index > 0 },
    ),
  );
  return [...ofWeight, ...ofInput];
}
