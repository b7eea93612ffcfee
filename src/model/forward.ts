/** The forward pass of a Qwen2/Qwen3 decoder over packed tokens, down to each token's log-prob and entropy. */
import { attention } from '../gpu/kernels/attention';
import * as layers from '../gpu/kernels/layers';
import { tokenLoss, tokenLossPart } from '../gpu/kernels/loss';
import { chooseTile, linear, type Rows, type Tile } from '../gpu/kernels/matmul';
import type { Binding, Dispatch, Sizes } from '../gpu/program';
import type { Activations } from './activations';
import { LORA_BUFFERS } from './activation-sizes';
import { linearShapes, type LinearName } from './layout';
import type { Adapter } from './lora';
import type { Model } from './model';
import type { BlockRange } from './parameter-array';
import { project, projectLow, type Projection } from './projection';
import { vocabularyParts } from './vocabulary';

/** Names of the sizes a replay is given. */
export const tokenRows = (uniform: Binding): Rows => ({ uniform, count: (sizes) => sizes.tokens });

/** The rows of one loss chunk: what is left of the tokens after the chunks before it. */
export const chunkRows = (activations: Activations, chunk: number): Rows => ({
  uniform: activations.lossUniforms[chunk],
  count: (sizes: Sizes) => chunkTokens(activations, chunk, sizes.tokens),
});

export function chunkTokens({ lossChunk }: Activations, chunk: number, tokens: number): number {
  return Math.max(0, Math.min(lossChunk, tokens - chunk * lossChunk));
}

/** The part of a per-token buffer that belongs to a loss chunk; `width` 32-bit words a token. */
export function chunkOf(
  { lossChunk, size }: Activations,
  buffer: GPUBuffer,
  chunk: number,
  width: number,
): Binding {
  if (chunk === 0 && lossChunk >= size.capacity) return buffer;
  const offset = chunk * lossChunk * width * 4;
  return { buffer, offset, size: Math.min(lossChunk * width * 4, buffer.size - offset) };
}

export const headShape = ({ config }: Model): layers.HeadShape => ({
  heads: config.numAttentionHeads,
  kvHeads: config.numKeyValueHeads,
  headDim: config.headDim,
});

const LABELS: Readonly<Record<LinearName, string>> = {
  qkv: 'qkv',
  output: 'attention output',
  gateUp: 'gate, up',
  down: 'down',
};

/** A linear layer of transformer layer `index`, with its adapter when there is one. */
export function projectionOf(
  model: Model,
  adapter: Adapter | undefined,
  index: number,
  name: LinearName,
): Projection {
  return {
    label: LABELS[name],
    shape: linearShapes(model.config)[name],
    weight: model.ranges(model.layout.layers[index][name]),
    lora: adapter?.at(index, name),
  };
}

/** Which rows of a table a range holds; nothing when it holds all of them. */
export const tablePart = (ranges: readonly BlockRange[], { first, rows }: BlockRange) =>
  ranges.length > 1 ? { first, rows } : undefined;

/** ids → residual stream → final norm. */
export function forwardDispatches(model: Model, adapter: Adapter | undefined, a: Activations): Dispatch[] {
  const { config, layout } = model;
  const { hiddenSize: hidden, rmsNormEps: epsilon } = config;
  const rows = tokenRows(a.uniform);
  const { ids, embedded, finalNormed, finalRstd } = a.batch;
  const table = model.ranges(layout.embedding);
  const last = a.layers.at(-1)?.out ?? embedded;
  return [
    ...table.map((range) =>
      layers.embedding(hidden, rows, ids, range.binding, embedded, tablePart(table, range), range.type),
    ),
    ...layout.layers.flatMap((_, index) => layerForward(model, adapter, a, index)),
    layers.rmsnorm(
      'final norm',
      hidden,
      epsilon,
      rows,
      last,
      model.bind(layout.finalNorm),
      finalNormed,
      finalRstd,
    ),
  ];
}

/** The residual stream that enters a layer. */
export const layerInput = (a: Activations, index: number): GPUBuffer =>
  index > 0 ? a.layers[index - 1].out : a.batch.embedded;

/** One transformer layer; without its `output`, what the backward pass needs of it. */
export function layerForward(
  model: Model,
  adapter: Adapter | undefined,
  a: Activations,
  index: number,
  output = true,
): Dispatch[] {
  const { hiddenSize: hidden, rmsNormEps: epsilon, intermediateSize } = model.config;
  const { angles, positions, segments } = a.batch;
  const rows = tokenRows(a.uniform);
  const shape = headShape(model);
  const tile = chooseTile(model.gpu, a.size.capacity);
  const w = model.layout.layers[index];
  const s = a.layers[index];
  const x = layerInput(a, index);
  const norm = w.qkNorm && { weights: model.bind(w.qkNorm), rstd: s.qkRstd };
  const apply = (
    name: LinearName,
    x: Binding,
    y: Binding,
    extra: { bias?: Binding; residual?: Binding } = {},
  ) =>
    project(
      projectionOf(model, adapter, index, name),
      rows,
      { x, y, h: s[LORA_BUFFERS[name]], ...extra },
      tile,
    );
  return [
    layers.rmsnorm('input norm', hidden, epsilon, rows, x, model.bind(w.inputNorm), s.normed, s.rstd),
    ...apply('qkv', s.normed, s.qkv, { bias: w.qkvBias && model.bind(w.qkvBias) }),
    layers.rope(shape, epsilon, rows, s.qkv, angles, s.qk, positions, norm),
    attention(model.gpu, shape, rows, s.qk, s.qkv, segments, s.attended, s.lse),
    ...apply('output', s.attended, s.middle, { residual: x }),
    layers.rmsnorm(
      'post norm',
      hidden,
      epsilon,
      rows,
      s.middle,
      model.bind(w.postNorm),
      s.postNormed,
      s.postRstd,
    ),
    ...apply('gateUp', s.postNormed, s.gateUp),
    layers.swiglu(intermediateSize, rows, s.gateUp, s.activated),
    ...(output
      ? apply('down', s.activated, s.out, { residual: s.middle })
      : projectLow(
          projectionOf(model, adapter, index, 'down'),
          rows,
          { x: s.activated, h: s.downLow },
          tile,
        )),
  ];
}

/** Logits of one chunk of tokens, of all ids or of a part of them. */
export function logitsDispatch(model: Model, a: Activations, chunk: number, head: BlockRange): Dispatch {
  const hidden = model.config.hiddenSize;
  const tile: Tile = chooseTile(model.gpu, a.size.capacity);
  const x = chunkOf(a, a.batch.finalNormed, chunk, hidden);
  const shape = { outputs: head.rows, inputs: hidden };
  const rows = chunkRows(a, chunk);
  const options = { weightType: head.type };
  return linear('lm head', shape, rows, x, head.binding, a.batch.logits, options, tile);
}

/** The LM head in the parts in which its logits are made. */
export function headParts(model: Model, a: Activations): BlockRange[] {
  const head = model.ranges(model.layout.lmHead);
  return a.partUniforms.length ? vocabularyParts(head) : head;
}

/** Logits and token statistics, chunk by chunk, and in each part by part. */
export function lossDispatches(model: Model, a: Activations): Dispatch[] {
  const { logits, targets, stats, lossState } = a.batch;
  return a.lossUniforms.flatMap((_, chunk) => {
    const rows = chunkRows(a, chunk);
    const [targetsOf, statsOf] = [chunkOf(a, targets, chunk, 1), chunkOf(a, stats, chunk, 4)];
    return headParts(model, a).flatMap((head, i) => [
      logitsDispatch(model, a, chunk, head),
      a.partUniforms.length
        ? tokenLossPart(
            { uniform: a.partUniforms[i], width: head.rows },
            rows,
            logits,
            targetsOf,
            lossState,
            statsOf,
          )
        : tokenLoss(model.config.vocabSize, rows, logits, targetsOf, statsOf),
    ]);
  });
}
