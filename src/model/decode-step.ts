/** Batched decoding as dispatches: every live row's token → its keys and values in the cache, and its next token. */
import * as decode from '../gpu/kernels/decode';
import { rmsnorm, swiglu } from '../gpu/kernels/layers';
import { chooseTile, linear, type Rows, type Tile } from '../gpu/kernels/matmul';
import type { Binding, Dispatch } from '../gpu/program';
import { groupRows, type DecoderBuffers } from './decoder-buffers';
import { logitsRows, type DecoderSize } from './decoder-sizes';
import { headShape, projectionOf, tablePart } from './forward';
import type { LinearName } from './layout';
import type { Adapter } from './lora';
import type { Model } from './model';
import { project } from './projection';

const liveRows = (b: DecoderBuffers): Rows => ({ uniform: b.uniform, count: (sizes) => sizes.rows });

/** @param rowsExpected about how many are live: decides the tile, not the result */
export function decodeStep(
  model: Model,
  adapter: Adapter | undefined,
  b: DecoderBuffers,
  size: DecoderSize,
  rowsExpected: number,
): Dispatch[] {
  const { hiddenSize: hidden, rmsNormEps: epsilon } = model.config;
  const tile = chooseTile(model.gpu, rowsExpected);
  const finalNorm = model.bind(model.layout.finalNorm);
  return [
    ...embed(model, b),
    ...model.layout.layers.flatMap((_, index) => {
      const { keysAndValues, rest } = layer(model, adapter, b, size, tile, index);
      return [...keysAndValues, ...rest];
    }),
    rmsnorm('final norm', hidden, epsilon, liveRows(b), b.residual, finalNorm, b.normed, b.rstd),
    ...nextTokens(model, b, size, tile),
  ];
}

/** Keys and values of tokens whose next ones are known: of the last layer nothing else is computed. */
export function cacheOfTokens(
  model: Model,
  adapter: Adapter | undefined,
  b: DecoderBuffers,
  size: DecoderSize,
  tile: Tile,
): Dispatch[] {
  const layers = model.layout.layers.map((_, index) => layer(model, adapter, b, size, tile, index));
  return [
    ...embed(model, b),
    ...layers.flatMap(({ keysAndValues, rest }, index) =>
      index + 1 < layers.length ? [...keysAndValues, ...rest] : keysAndValues,
    ),
  ];
}

function embed(model: Model, b: DecoderBuffers): Dispatch[] {
  const { hiddenSize } = model.config;
  const table = model.ranges(model.layout.embedding);
  return table.map((range) =>
    decode.decodeEmbedding(
      hiddenSize,
      liveRows(b),
      b,
      range.binding,
      b.residual,
      tablePart(table, range),
      range.type,
    ),
  );
}

/** A layer up to its keys and values in the cache, and what follows. */
function layer(
  model: Model,
  adapter: Adapter | undefined,
  b: DecoderBuffers,
  { maxLength }: DecoderSize,
  tile: Tile,
  index: number,
): { keysAndValues: Dispatch[]; rest: Dispatch[] } {
  const { config, layout } = model;
  const { hiddenSize: hidden, rmsNormEps: epsilon } = config;
  const rows = liveRows(b);
  const shape = headShape(model);
  const w = layout.layers[index];
  const apply = (
    name: LinearName,
    x: Binding,
    y: Binding,
    extra: { bias?: Binding; residual?: Binding } = {},
  ) => project(projectionOf(model, adapter, index, name), rows, { x, y, h: b.low, ...extra }, tile);
  const [input, post] = [w.inputNorm, w.postNorm].map((norm) => model.bind(norm));
  return {
    keysAndValues: [
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
    ],
    rest: [
      decode.decodeAttention(shape, maxLength, rows, b, b.queries, b.caches[index], b.attended),
      ...apply('output', b.attended, b.middle, { residual: b.residual }),
      rmsnorm('post norm', hidden, epsilon, rows, b.middle, post, b.normed, b.rstd),
      ...apply('gateUp', b.normed, b.gateUp),
      swiglu(config.intermediateSize, rows, b.gateUp, b.activated),
      ...apply('down', b.activated, b.residual, { residual: b.middle }),
    ],
  };
}

/** Logits and the choice among them, group by group of rows. */
function nextTokens(model: Model, b: DecoderBuffers, size: DecoderSize, tile: Tile): Dispatch[] {
  const { hiddenSize: hidden, vocabSize } = model.config;
  const perGroup = logitsRows(model.config, size);
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
          { weightType: range.type, yColumns: { first: range.first, of: vocabSize } },
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
