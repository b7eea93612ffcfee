/** The peer: the same decoder, loss and AdamW written with jax-js. */
import * as jax from '@jax-js/jax';
import type { AdamWSettings } from '../../src/gpu/kernels/optimizer';
import type { TokenBatch } from '../../src/model/batch';
import type { ModelConfig } from '../../src/model/config';
import type { Block } from '../../src/model/layout';
import type { Model } from '../../src/model/model';

const { nn, numpy: np } = jax;
type Tensors = Record<string, jax.Array>;

/** Sequences of a batch and tokens of each: all have the same length. */
export interface BatchShape {
  sequences: number;
  length: number;
}

/** What a step reads besides parameters and AdamW's state. */
type Inputs = Record<'ids' | 'targets' | 'mask' | 'cos' | 'sin', jax.Array>;

const rmsnorm = (x: jax.Array, w: jax.Array, epsilon: number) => {
  const meanSquare = np.mean(np.square(x.ref), -1, { keepdims: true });
  return x.div(np.sqrt(meanSquare.add(epsilon))).mul(w);
};

/** Rotates the halves of each head of x [..., length, headDim]; `cos` and `sin` are [length, headDim / 2]. */
function rope(x: jax.Array, cos: jax.Array, sin: jax.Array): jax.Array {
  const [a, b] = np.split(x, 2, -1);
  const first = a.ref.mul(cos.ref).sub(b.ref.mul(sin.ref));
  return np.concatenate([first, b.mul(cos).add(a.mul(sin))], -1);
}

/** Mean negative log-likelihood of every token's target. */
function lossOf(config: ModelConfig, { sequences, length }: BatchShape) {
  const { numAttentionHeads: heads, headDim, rmsNormEps, intermediateSize } = config;
  const tokens = sequences * length;
  return (p: Tensors, { ids, targets, mask, cos, sin }: Inputs): jax.Array => {
    let x = np.matmul(ids, p.embedding);
    for (let layer = 0; layer < config.numHiddenLayers; layer++) {
      const last = layer === config.numHiddenLayers - 1;
      const again = (tensor: jax.Array) => (last ? tensor : tensor.ref);
      const normed = rmsnorm(x.ref, p[`inputNorm${layer}`], rmsNormEps);
      const qkv = np.matmul(normed, p[`qkv${layer}`]).reshape([sequences, length, 3 * heads, headDim]);
      const [qk, v] = np.split(qkv.transpose([0, 2, 1, 3]), [2 * heads], 1);
      const [q, k] = np.split(rope(qk, again(cos), again(sin)), 2, 1);
      const scores = np.matmul(q, k.transpose([0, 1, 3, 2])).mul(1 / Math.sqrt(headDim));
      const attended = np.matmul(nn.softmax(scores.add(again(mask)), -1), v);
      const joined = attended.transpose([0, 2, 1, 3]).reshape([tokens, heads * headDim]);
      x = x.add(np.matmul(joined, p[`output${layer}`]));
      const gateUp = np.matmul(rmsnorm(x.ref, p[`postNorm${layer}`], rmsNormEps), p[`gateUp${layer}`]);
      const [gate, up] = np.split(gateUp, [intermediateSize], -1);
      x = x.add(np.matmul(nn.silu(gate).mul(up), p[`down${layer}`]));
    }
    const logits = np.matmul(rmsnorm(x, p.finalNorm, rmsNormEps), p.lmHead);
    return nn
      .logSoftmax(logits, -1)
      .mul(targets)
      .sum()
      .mul(-1 / tokens);
  };
}

/** The model's parameters, linear weights transposed to [inputs, outputs]. */
async function parameters(model: Model): Promise<Tensors> {
  const flat = await model.downloadFlat();
  const { config, layout } = model;
  const { hiddenSize: hidden, intermediateSize, vocabSize } = config;
  const matrix = ({ offset, size }: Block, inputs: number) =>
    np
      .array(flat.slice(offset, offset + size))
      .reshape([size / inputs, inputs])
      .transpose();
  const vector = ({ offset, size }: Block) => np.array(flat.slice(offset, offset + size));
  const tensors: Tensors = {
    embedding: matrix(layout.embedding, hidden).transpose().reshape([vocabSize, hidden]),
    finalNorm: vector(layout.finalNorm),
    lmHead: matrix(layout.lmHead, hidden),
  };
  layout.layers.forEach((w, layer) => {
    tensors[`inputNorm${layer}`] = vector(w.inputNorm);
    tensors[`qkv${layer}`] = matrix(w.qkv, hidden);
    tensors[`output${layer}`] = matrix(w.output, config.numAttentionHeads * config.headDim);
    tensors[`postNorm${layer}`] = vector(w.postNorm);
    tensors[`gateUp${layer}`] = matrix(w.gateUp, hidden);
    tensors[`down${layer}`] = matrix(w.down, intermediateSize);
  });
  return tensors;
}

function inputs(config: ModelConfig, batch: TokenBatch, { length }: BatchShape): Inputs {
  const half = config.headDim / 2;
  const angle = (i: number) => Math.floor(i / half) * config.ropeTheta ** (-(i % half) / half);
  const table = (f: (x: number) => number) =>
    np.array(Float32Array.from({ length: length * half }, (_, i) => f(angle(i)))).reshape([length, half]);
  const mask = Float32Array.from({ length: length ** 2 }, (_, i) =>
    i % length <= Math.floor(i / length) ? 0 : -1e9,
  );
  const oneHot = (ids: Uint32Array) =>
    nn.oneHot(np.array(Int32Array.from(ids), { dtype: np.int32 }), config.vocabSize);
  return {
    ids: oneHot(batch.ids),
    targets: oneHot(batch.targets),
    mask: np.array(mask).reshape([length, length]),
    cos: table(Math.cos),
    sin: table(Math.sin),
  };
}

/** Copies the model to `device` and returns a function that takes one training step there and returns its loss. */
export async function jaxTrainingStep(
  device: 'webgpu' | 'wasm',
  model: Model,
  batch: TokenBatch,
  shape: BatchShape,
  { learningRate, beta1, beta2, epsilon, weightDecay }: AdamWSettings,
): Promise<() => Promise<number>> {
  await jax.init(device);
  jax.defaultDevice(device);
  const gradient = jax.valueAndGrad(lossOf(model.config, shape));
  const step = jax.jit(
    (p: Tensors, m: Tensors, v: Tensors, given: Inputs, rate: jax.Array, correction: jax.Array) => {
      const [loss, g] = gradient(jax.tree.ref(p), given);
      const next: Record<'p' | 'm' | 'v', Tensors> = { p: {}, m: {}, v: {} };
      for (const name of Object.keys(p)) {
        const mean = m[name].mul(beta1).add(g[name].ref.mul(1 - beta1));
        const square = v[name].mul(beta2).add(np.square(g[name]).mul(1 - beta2));
        const change = mean.ref.mul(rate.ref).div(np.sqrt(square.ref.mul(correction.ref)).add(epsilon));
        next.p[name] = p[name].mul(1 - learningRate * weightDecay).sub(change);
        next.m[name] = mean;
        next.v[name] = square;
      }
      rate.dispose();
      correction.dispose();
      return { loss, ...next };
    },
  );
  const given = inputs(model.config, batch, shape);
  let p = await parameters(model);
  const zeros = () =>
    Object.fromEntries(Object.entries(p).map(([name, tensor]) => [name, np.zeros(tensor.shape)]));
  let [m, v] = [zeros(), zeros()];
  let steps = 0;
  return async () => {
    steps++;
    const rate = np.array([learningRate / (1 - beta1 ** steps)]);
    const correction = np.array([1 / (1 - beta2 ** steps)]);
    const done = step(p, m, v, jax.tree.ref(given), rate, correction);
    ({ p, m, v } = done);
    await jax.blockUntilReady([p, m, v]);
    const [loss] = (await done.loss.data()) as Float32Array;
    return loss;
  };
}
