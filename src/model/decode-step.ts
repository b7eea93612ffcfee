/** One step of batched decoding as dispatches: every live row's token → its next one. */
import * as decode from '../gpu/kernels/decode';
import { rmsnorm, swiglu } from '../gpu/kernels/layers';
import { chooseTile, linear, type Rows } from '../gpu/kernels/matmul';
import type { Binding, Dispatch } from '../gpu/program';
import { logitsRows, type decoderWords, type DecoderSize } from './decoder-sizes';
import { headShape, projectionOf, tablePart } from './forward';
import type { LinearName } from './layout';
import type { Adapter } from './lora';
import type { Model } from './model';
import { project } from './projection';

export type DecoderBuffers = Record<keyof ReturnType<typeof decoderWords>, GPUBuffer> & {
  caches: readonly GPUBuffer[];
  sampling: GPUBuffer;
  /** Live rows in all; and in each group of rows whose logits are made at once. */
  uniform: GPUBuffer;
  groupUniforms: readonly GPUBuffer[];
};

/** Live rows of a group, of `rows` in all. */
export const groupRows = (group: number, perGroup: number, rows: number): number =>
  Math.max(0, Math.min(perGroup, rows - group * perGroup));

/** @param rowsExpected about how many are live: decides the tile, not the result */
export function decodeStep(
  model: Model,
  adapter: Adapter | undefined,
  b: DecoderBuffers,
  size: DecoderSize,
  rowsExpected: number,
): Dispatch[] {
  const { config, layout } = model;
  const { hiddenSize: hidden, rmsNormEps: epsilon } = config;
  const { maxLength } = size;
  const rows: Rows = { uniform: b.uniform, count: (sizes) => sizes.rows };
  const shape = headShape(model);
  const tile = chooseTile(model.gpu, rowsExpected);
  const table = model.ranges(layout.embedding);
  const embed = table.map((range) =>
    decode.decodeEmbedding(hidden, rows, b, range.binding, b.residual, tablePart(table, range)),
  );
  const layers = layout.layers.flatMap((w, index) => {
    const apply = (
      name: LinearName,
      x: Binding,
      y: Binding,
      extra: { bias?: Binding; residual?: Binding } = {},
    ) => project(projectionOf(model, adapter, index, name), rows, { x, y, h: b.low, ...extra }, tile);
    const [input, post] = [w.inputNorm, w.postNorm].map((norm) => model.bind(norm));
    return [
      rmsnorm('input norm', hidden, epsilon, rows, b.residual, input, b.normed, b.rstd),
      ...apply('qkv', b.normed, b.qkv, { bias: w.qkvBias && model.bind(w.qkvBias) }),
      decode.ropeAppend(
        shape,
        maxLength,
        epsilon,
        rows,
        b,
        b.qkv,
        b.angles,
        b.queries,
        b.caches[index],
        w.qkNorm && model.bind(w.qkNorm),
      ),
      decode.decodeAttention(shape, maxLength, rows, b, b.queries, b.caches[index], b.attended),
      ...apply('output', b.attended, b.middle, { residual: b.residual }),
      rmsnorm('post norm', hidden, epsilon, rows, b.middle, post, b.normed, b.rstd),
      ...apply('gateUp', b.normed, b.gateUp),
      swiglu(config.intermediateSize, rows, b.gateUp, b.activated),
      ...apply('down', b.activated, b.residual, { residual: b.middle }),
    ];
  });
  const finalNorm = model.bind(layout.finalNorm);
  return [
    ...embed,
    ...layers,
    rmsnorm('final norm', hidden, epsilon, rows, b.residual, finalNorm, b.normed, b.rstd),
    ...nextTokens(model, b, size, rowsExpected),
  ];
}

/** Logits and the choice among them, group by group of rows. */
function nextTokens(model: Model, b: DecoderBuffers, size: DecoderSize, rowsExpected: number): Dispatch[] {
  const { hiddenSize: hidden, vocabSize } = model.config;
  const perGroup = logitsRows(model.config, size);
  const tile = chooseTile(model.gpu, rowsExpected);
  const head = model.ranges(model.layout.lmHead);
  return b.groupUniforms.flatMap((uniform, group) => {
    const rows: Rows = { uniform, count: (sizes) => groupRows(group, perGroup, sizes.rows) };
    const of = (buffer: GPUBuffer, words: number): Binding => {
      if (b.groupUniforms.length === 1) return buffer;
      const offset = group * perGroup * words * 4;
      return { buffer, offset, size: Math.min(perGroup * words * 4, buffer.size - offset) };
    };
    return [
      ...head.map((range) =>
        linear(
          'lm head',
          { outputs: range.rows, inputs: hidden },
          rows,
          of(b.normed, hidden),
          range.binding,
          b.logits,
          { yColumns: { first: range.first, of: vocabSize } },
          tile,
        ),
      ),
      decode.sample(
        vocabSize,
        size.maxLength,
        rows,
        b.sampling,
        { rowSlots: of(b.rowSlots, 1), slots: b.slots },
        b,
      ),
    ];
  });
}
