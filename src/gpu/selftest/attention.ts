/** Rotary embedding and attention over packed sequences. */
import type { Random } from '../../random';
import { attention, attentionGradient } from '../kernels/attention';
import { rope, ropeAngles, ropeGradient, type HeadShape } from '../kernels/layers';
import { tokenChunks } from '../kernels/matmul';
import * as reference from '../reference';
import { beside, kernelCheck, type Bench, type KernelCheck } from './bench';

/** Larger than in models, so that a kernel that forgets it fails. */
const EPSILON = 1e-3;

/** Up to 16 query heads, one to eight or all sixteen of them to a key/value head. */
export function headShape(random: Random): HeadShape {
  const perGroup = random.next() < 0.25 ? 16 : random.range(1, 8);
  const kvHeads = random.range(1, Math.max(1, Math.min(4, Math.floor(16 / perGroup))));
  return { heads: kvHeads * perGroup, kvHeads, headDim: random.choice([4, 8, 12, 16, 32, 64]) };
}

interface Packed {
  T: number;
  /** Place of each token in its sequence. */
  positions: Uint32Array;
  begin: Uint32Array;
  end: Uint32Array;
}

/** Sequences of one token, of a few and of many, end to end. */
function packed(random: Random, sequences: number): Packed {
  const lengths = Array.from({ length: sequences }, () =>
    random.choice([1, random.range(2, 9), random.range(10, 70)]),
  );
  const tokens = lengths.flatMap((length, s) => {
    const begin = lengths.slice(0, s).reduce((a, b) => a + b, 0);
    return Array.from({ length }, (_, position) => ({ position, begin, end: begin + length }));
  });
  return {
    T: tokens.length,
    positions: Uint32Array.from(tokens, (t) => t.position),
    begin: Uint32Array.from(tokens, (t) => t.begin),
    end: Uint32Array.from(tokens, (t) => t.end),
  };
}

function attentionInputs(bench: Bench) {
  const shape = headShape(bench.random);
  const { heads: H, kvHeads: KV, headDim: hd } = shape;
  const { T, begin, end } = packed(bench.random, bench.random.range(1, 6));
  const scale = bench.random.choice([0.5, 1, 2.5]);
  const [q, k] = [H, KV].map((heads) => bench.normals(T * heads * hd, scale));
  const v = bench.normals(T * KV * hd);
  const unread = new Float32Array(T * (H + KV) * hd).fill(NaN);
  const { o, lse } = reference.attention.forward(q, k, v, begin, { H, KV, hd });
  const segments = Uint32Array.from({ length: 2 * T }, (_, i) => (i % 2 ? end : begin)[i >> 1]);
  const buffers = {
    qk: bench.activations(Float32Array.from(beside(T, q, k)), (H + KV) * hd),
    qkv: bench.activations(Float32Array.from(beside(T, unread, v)), (H + 2 * KV) * hd),
    segments: bench.activations(segments, 2),
  };
  return { shape, T, q, k, v, o, lse, begin, end, buffers };
}

const attentionForward = kernelCheck('attention', 1e-5, async (bench) => {
  const { shape, T, o, lse, buffers } = attentionInputs(bench);
  const outputs = [bench.blank(T, shape.heads * shape.headDim), bench.blank(T, shape.heads)] as const;
  const { qk, qkv, segments } = buffers;
  await bench.run([attention(bench.gpu, shape, bench.rows, qk, qkv, segments, ...outputs)], T);
  return Math.max(await bench.error(outputs[0], o), await bench.error(outputs[1], lse));
});

/** Runs one of the two dispatches alone, the other's results coming from the reference. */
function attentionBackward(kernel: string, which: 'dq' | 'dkv'): KernelCheck {
  return kernelCheck(kernel, 2e-5, async (bench) => {
    const inputs = attentionInputs(bench);
    const { shape, T, q, k, v, begin, end, buffers } = inputs;
    const { heads: H, kvHeads: KV, headDim: hd } = shape;
    const [o, lse] = [inputs.o, inputs.lse].map((x) => Float32Array.from(x));
    const dO = bench.normals(T * H * hd);
    const { dq, dk, dv } = reference.attention.backward(q, k, v, o, lse, dO, begin, end, { H, KV, hd });
    const D = Float64Array.from({ length: T * H }, (_, row) =>
      dO.subarray(row * hd, (row + 1) * hd).reduce((sum, g, c) => sum + g * o[row * hd + c], 0),
    );

    const [queries, keys, rest] = [H, KV, H + KV].map((heads) => bench.normals(T * heads * hd));
    const before = { dqk: beside(T, queries, keys), dqkv: beside(T, rest, keys) };
    const dqk = bench.activations(Float32Array.from(before.dqk), (H + KV) * hd);
    const dqkv = bench.activations(Float32Array.from(before.dqkv), (H + 2 * KV) * hd);
    const delta = which === 'dq' ? bench.blank(T, H) : bench.activations(Float32Array.from(D), H);
    const saved = { ...buffers, o: bench.activations(o, H * hd), lse: bench.activations(lse, H) };
    const dispatches = attentionGradient(
      bench.gpu,
      shape,
      bench.rows,
      saved,
      bench.activations(dO, H * hd),
      delta,
      dqk,
      dqkv,
    );
    await bench.run([dispatches[which === 'dq' ? 0 : 1]], T);
    const expected =
      which === 'dq'
        ? { dqk: beside(T, dq, keys), dqkv: before.dqkv }
        : { dqk: beside(T, queries, dk), dqkv: beside(T, rest, dv) };
    return Math.max(
      await bench.error(dqk, expected.dqk),
      await bench.error(dqkv, expected.dqkv),
      await bench.error(delta, D),
    );
  });
}

function ropeInputs(bench: Bench) {
  const shape = headShape(bench.random);
  const { heads: H, kvHeads: KV, headDim: hd } = shape;
  const { T, positions } = packed(bench.random, bench.random.choice([1, 4, 40]));
  const theta = bench.random.choice([1e4, 1e6]);
  const first = bench.random.choice([0, 300]);
  const pos = positions.map((p) => p + first);
  const [q, k, v] = [H, KV, KV].map((heads) => bench.normals(T * heads * hd));
  const [qWeights, kWeights] = [bench.normals(hd), bench.normals(hd)];
  return {
    ...{ shape, T, pos, q, k, v, qWeights, kWeights },
    /** Shapes of q and k as the reference wants them. */
    ofQ: { heads: H, hd, theta },
    ofK: { heads: KV, hd, theta },
    qkv: bench.activations(Float32Array.from(beside(T, q, k, v)), (H + 2 * KV) * hd),
    angles: bench.weights(ropeAngles(first + 70, hd, theta)),
    positions: bench.activations(pos, 1),
    weights: bench.weights(Float32Array.from([...qWeights, ...kWeights])),
    rstd: [q, k].map((x, i) =>
      Float32Array.from(reference.rmsnorm.forward(x, i ? kWeights : qWeights, EPSILON).rstd),
    ),
  };
}

function ropeForward(normed: boolean): KernelCheck {
  return kernelCheck(`rope${normed ? ' with q/k norm' : ''}`, 1e-5, async (bench) => {
    const { shape, T, pos, q, k, ofQ, ofK, qWeights, kWeights, ...inputs } = ropeInputs(bench);
    const heads = shape.heads + shape.kvHeads;
    const [qk, rstd] = [bench.blank(T, heads * shape.headDim), bench.blank(T, heads)];
    const { qkv, angles, positions, weights } = inputs;
    const norm = normed ? { weights, rstd } : undefined;
    await bench.run([rope(shape, EPSILON, bench.rows, qkv, angles, qk, positions, norm)], T);
    if (!normed) {
      const { forward } = reference.rope;
      return bench.error(qk, beside(T, forward(q, pos, ofQ), forward(k, pos, ofK)));
    }
    const { normedForward } = reference.rope;
    const expected = beside(
      T,
      normedForward(q, qWeights, EPSILON, pos, ofQ),
      normedForward(k, kWeights, EPSILON, pos, ofK),
    );
    return Math.max(await bench.error(qk, expected), await bench.error(rstd, beside(T, ...inputs.rstd)));
  });
}

function ropeBackward(normed: boolean): KernelCheck {
  return kernelCheck(`rope gradient${normed ? ' with q/k norm' : ''}`, 1e-5, async (bench) => {
    const { shape, T, pos, q, k, ofQ, ofK, qWeights, kWeights, ...inputs } = ropeInputs(bench);
    const { heads: H, kvHeads: KV, headDim: hd } = shape;
    const [dq, dk, dv] = [H, KV, KV].map((heads) => bench.normals(T * heads * hd));
    const dqk = bench.activations(Float32Array.from(beside(T, dq, dk)), (H + KV) * hd);
    const unwritten = new Float32Array(T * (H + KV) * hd).fill(NaN);
    const dqkv = bench.activations(Float32Array.from(beside(T, unwritten, dv)), (H + 2 * KV) * hd);
    const before = bench.normals(2 * hd);
    const dWeights = bench.weights(before);
    const norm = normed
      ? {
          qkv: inputs.qkv,
          weights: inputs.weights,
          rstd: bench.activations(Float32Array.from(beside(T, ...inputs.rstd)), H + KV),
          perToken: bench.blank(T, (H + KV) * hd),
          partials: bench.blank(tokenChunks(T), 2 * hd),
          dWeights,
        }
      : undefined;
    const { angles, positions } = inputs;
    await bench.run(ropeGradient(shape, bench.rows, dqk, angles, positions, dqkv, norm), T);
    if (!normed) {
      const { backward } = reference.rope;
      return bench.error(dqkv, beside(T, backward(dq, pos, ofQ), backward(dk, pos, ofK), dv));
    }
    const { normedBackward } = reference.rope;
    const ofQueries = normedBackward(q, qWeights, EPSILON, dq, pos, ofQ);
    const ofKeys = normedBackward(k, kWeights, EPSILON, dk, pos, ofK);
    return Math.max(
      await bench.error(dqkv, beside(T, ofQueries.dx, ofKeys.dx, dv)),
      await bench.error(
        dWeights,
        beside(1, ofQueries.dw, ofKeys.dw).map((x, i) => x + before[i]),
      ),
    );
  });
}

export const attentionChecks: KernelCheck[] = [
  ropeForward(false),
  ropeForward(true),
  ropeBackward(false),
  ropeBackward(true),
  attentionForward,
  attentionBackward('attention gradient, dq', 'dq'),
  attentionBackward('attention gradient, dk and dv', 'dkv'),
];
