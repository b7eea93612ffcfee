/** The forward pass of a Qwen2/Qwen3 decoder over packed tokens, down to each token's log-prob and entropy. */
import * as layers from '../gpu/kernels/layers';
import { tokenLoss } from '../gpu/kernels/loss';
import { chooseTile, linear, type Rows } from '../gpu/kernels/matmul';
import type { Binding, Dispatch, Sizes } from '../gpu/program';
import type { Activations } from './activations';
import type { Model } from './model';

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
  { lossChunk, capacity }: Activations,
  buffer: GPUBuffer,
  chunk: number,
  width: number,
): Binding {
  if (chunk === 0 && lossChunk >= capacity) return buffer;
  const offset = chunk * lossChunk * width * 4;
  return { buffer, offset, size: Math.min(lossChunk * width * 4, buffer.size - offset) };
}

export const headShape = ({ config }: Model): layers.HeadShape => ({
  heads: config.numAttentionHeads,
  kvHeads: config.numKeyValueHeads,
  headDim: config.headDim,
});

/** The shape of each linear layer. */
export function linearShapes({ config }: Model) {
  const {
    hiddenSize: hidden,
    headDim,
    numAttentionHeads: heads,
    numKeyValueHeads: kv,
    intermediateSize,
  } = config;
  return {
    qkv: { outputs: (heads + 2 * kv) * headDim, inputs: hidden },
    output: { outputs: hidden, inputs: heads * headDim },
    gateUp: { outputs: 2 * intermediateSize, inputs: hidden },
    down: { outputs: hidden, inputs: intermediateSize },
    lmHead: { outputs: config.vocabSize, inputs: hidden },
  };
}

/** ids → residual stream → final norm. */
export function forwardDispatches(model: Model, a: Activations): Dispatch[] {
  const { config, layout } = model;
  const { hiddenSize: hidden, rmsNormEps: epsilon } = config;
  const rows = tokenRows(a.uniform);
  const shape = headShape(model);
  const shapes = linearShapes(model);
  const tile = chooseTile(model.gpu, a.capacity);
  const dispatches = [layers.embedding(hidden, rows, a.ids, model.bind(layout.embedding), a.embedded)];
  let x = a.embedded;
  layout.layers.forEach((w, index) => {
    const s = a.layers[index];
    const bias = w.qkvBias && model.bind(w.qkvBias);
    const norm = w.qkNorm && { weights: model.bind(w.qkNorm), rstd: s.qkRstd! };
    dispatches.push(
      layers.rmsnorm('input norm', hidden, epsilon, rows, x, model.bind(w.inputNorm), s.normed, s.rstd),
      linear('qkv', shapes.qkv, rows, s.normed, model.bind(w.qkv), s.qkv, { bias }, tile),
      layers.rope(shape, epsilon, rows, s.qkv, a.angles, s.qk, a.positions, norm),
      layers.attention(shape, rows, s.qk, s.qkv, a.segments, s.attended, s.lse),
      linear(
        'attention output',
        shapes.output,
        rows,
        s.attended,
        model.bind(w.output),
        s.middle,
        { residual: x },
        tile,
      ),
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
      linear('gate, up', shapes.gateUp, rows, s.postNormed, model.bind(w.gateUp), s.gateUp, {}, tile),
      layers.swiglu(config.intermediateSize, rows, s.gateUp, s.activated),
      linear('down', shapes.down, rows, s.activated, model.bind(w.down), s.out, { residual: s.middle }, tile),
    );
    x = s.out;
  });
  dispatches.push(
    layers.rmsnorm(
      'final norm',
      hidden,
      epsilon,
      rows,
      x,
      model.bind(layout.finalNorm),
      a.finalNormed,
      a.finalRstd,
    ),
  );
  return dispatches;
}

/** Logits of one chunk of tokens. */
export function logitsDispatch(model: Model, a: Activations, chunk: number): Dispatch {
  const hidden = model.config.hiddenSize;
  const tile = chooseTile(model.gpu, a.capacity);
  const x = chunkOf(a, a.finalNormed, chunk, hidden);
  return linear(
    'lm head',
    linearShapes(model).lmHead,
    chunkRows(a, chunk),
    x,
    model.bind(model.layout.lmHead),
    a.logits,
    {},
    tile,
  );
}

/** Logits and token statistics, chunk by chunk. */
export function lossDispatches(model: Model, a: Activations): Dispatch[] {
  return a.lossUniforms.flatMap((_, chunk) => [
    logitsDispatch(model, a, chunk),
    tokenLoss(
      model.config.vocabSize,
      chunkRows(a, chunk),
      a.logits,
      chunkOf(a, a.targets, chunk, 1),
      chunkOf(a, a.stats, chunk, 4),
    ),
  ]);
}
