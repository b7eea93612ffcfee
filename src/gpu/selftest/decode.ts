/** Decoding: embedding of the current tokens, rope into the KV cache, attention over it. */
import { decodeAttention, decodeEmbedding, ropeAppend } from '../kernels/decode';
import { ropeAngles } from '../kernels/layers';
import * as reference from '../reference';
import { headShape } from './attention';
import { beside, kernelCheck, type Bench, type KernelCheck } from './bench';
import { slotWords, type Slot } from './slots';

const EPSILON = 1e-3;

/** Some of the slots are live, in any order, each at a place of its own. */
function liveRows(bench: Bench, maxLength: number, vocab = 1) {
  const { random } = bench;
  const slots = Array.from({ length: random.range(1, 20) }, (_, stream): Slot => {
    const position = random.choice([0, random.int(maxLength), maxLength - 1]);
    return { token: random.int(vocab), position, prompt: 1, limit: maxLength, stream, done: 0 };
  });
  const rowSlots = Uint32Array.from(
    random.shuffle([...slots.keys()]).slice(0, random.range(1, slots.length)),
  );
  const bindings = { rowSlots: bench.activations(rowSlots, 1), slots: bench.weights(slotWords(slots)) };
  return { slots, rowSlots, bindings, R: rowSlots.length };
}

const embedding = kernelCheck('decode: embedding', 0, async (bench) => {
  const [V, width] = [bench.random.range(1, 100), bench.random.range(1, 200)];
  const { slots, rowSlots, bindings, R } = liveRows(bench, 9, V);
  const table = bench.normals(V * width);
  const y = bench.blank(R, width);
  await bench.run([decodeEmbedding(width, bench.rows, bindings, bench.weights(table), y)], R);
  const ids = rowSlots.map((slot) => slots[slot].token);
  return bench.error(y, reference.embedding.forward(ids, table, { V, d: width }));
});

function append(normed: boolean): KernelCheck {
  return kernelCheck(`decode: rope${normed ? ' with q/k norm' : ''} into the cache`, 1e-5, async (bench) => {
    const shape = headShape(bench.random);
    const { heads: H, kvHeads: KV, headDim: hd } = shape;
    const maxLength = bench.random.range(1, 50);
    const { slots, rowSlots, bindings, R } = liveRows(bench, maxLength);
    const theta = bench.random.choice([1e4, 1e6]);
    const [q, k, v] = [H, KV, KV].map((heads) => bench.normals(R * heads * hd));
    const [qWeights, kWeights] = [bench.normals(hd), bench.normals(hd)];
    const before = bench.normals(slots.length * maxLength * 2 * KV * hd);
    const cache = bench.weights(before);
    const queries = bench.blank(R, H * hd);
    await bench.run(
      [
        ropeAppend(
          shape,
          maxLength,
          EPSILON,
          bench.rows,
          bindings,
          bench.activations(Float32Array.from(beside(R, q, k, v)), (H + 2 * KV) * hd),
          bench.weights(ropeAngles(maxLength, hd, theta)),
          queries,
          cache,
          normed ? bench.weights(Float32Array.from([...qWeights, ...kWeights])) : undefined,
        ),
      ],
      R,
    );
    const pos = rowSlots.map((slot) => slots[slot].position);
    const [rotatedQ, rotatedK] = [
      { x: q, w: qWeights, heads: H },
      { x: k, w: kWeights, heads: KV },
    ].map(({ x, w, heads }) =>
      normed
        ? reference.rope.normedForward(x, w, EPSILON, pos, { heads, hd, theta })
        : reference.rope.forward(x, pos, { heads, hd, theta }),
    );
    const expected = Float64Array.from(before);
    const entries = beside(R, rotatedK, v);
    const width = 2 * KV * hd;
    rowSlots.forEach((slot, r) =>
      expected.set(entries.subarray(r * width, (r + 1) * width), (slot * maxLength + pos[r]) * width),
    );
    return Math.max(await bench.error(queries, rotatedQ), await bench.error(cache, expected));
  });
}

const attention = kernelCheck('decode: attention', 1e-5, async (bench) => {
  const shape = headShape(bench.random);
  const { heads: H, kvHeads: KV, headDim: hd } = shape;
  const maxLen = bench.random.choice([1, bench.random.range(2, 40), bench.random.range(41, 200)]);
  const { slots, rowSlots, bindings, R } = liveRows(bench, maxLen);
  const width = KV * hd;
  const [keys, values] = [0, 1].map(() => bench.normals(slots.length * maxLen * width));
  const cache = Float32Array.from(beside(slots.length * maxLen, keys, values));
  slots.forEach(({ position }, s) =>
    cache.fill(NaN, (s * maxLen + position + 1) * 2 * width, (s + 1) * maxLen * 2 * width),
  );
  const q = bench.normals(R * H * hd, bench.random.choice([0.5, 1, 4]));
  const o = bench.blank(R, H * hd);
  const inputs = [bench.activations(q, H * hd), bench.weights(cache)] as const;
  await bench.run([decodeAttention(shape, maxLen, bench.rows, bindings, ...inputs, o)], R);
  const lengths = rowSlots.map((slot) => slots[slot].position + 1);
  const expected = reference.decodeAttention.forward(q, keys, values, rowSlots, lengths, {
    ...{ H, KV, hd, maxLen },
  });
  return bench.error(o, expected);
});

export const decodeChecks: KernelCheck[] = [embedding, append(false), append(true), attention];
