/** Decoding: embedding of the current tokens, rope into the KV cache, attention over it. */
import {
  copyCache,
  decodeAttention,
  decodeEmbedding,
  ropeAppend,
  slotWords,
  type SlotState,
} from '../kernels/decode';
import { embedding as layerEmbedding, ropeAngles } from '../kernels/layers';
import { WEIGHT_TYPES } from '../kernels/packed-weights';
import * as reference from '../reference';
import { headShape } from './attention';
import { packedWeights } from './matmul';
import { beside, kernelCheck, type Bench, type KernelCheck } from './bench';

const EPSILON = 1e-3;

/** Some of the slots are live, in any order: each with a cache of its own, or as in a prefill all with one. */
function liveRows(bench: Bench, maxLength: number, vocab = 1) {
  const { random } = bench;
  const count = random.range(1, 20);
  const shared = count <= maxLength && random.int(2) === 0 ? random.int(count) : undefined;
  const places = random.shuffle([...Array(maxLength).keys()]);
  const caches = random.shuffle([...Array(count).keys()]);
  const slots = Array.from({ length: count }, (_, stream): SlotState => {
    const own = random.choice([0, random.int(maxLength), maxLength - 1]);
    const position = shared === undefined ? own : places[stream];
    const cache = shared ?? caches[stream];
    return { token: random.int(vocab), position, cache, limit: maxLength, stream, done: 0 };
  });
  const rowSlots = Uint32Array.from(
    random.shuffle([...slots.keys()]).slice(0, random.range(1, slots.length)),
  );
  const bindings = { rowSlots: bench.activations(rowSlots, 1), slots: bench.weights(slotWords(slots)) };
  const states = Array.from(rowSlots, (slot) => slots[slot]);
  return { count, states, bindings, R: rowSlots.length };
}

const embedding = kernelCheck('decode: embedding', 0, async (bench) => {
  const [V, width] = [bench.random.range(1, 100), bench.random.range(1, 200)];
  const { states, bindings, R } = liveRows(bench, 9, V);
  const table = bench.normals(V * width);
  const y = bench.blank(R, width);
  await bench.run([decodeEmbedding(width, bench.rows, bindings, bench.weights(table), y)], R);
  const ids = Uint32Array.from(states, ({ token }) => token);
  return bench.error(y, reference.embedding.forward(ids, table, { V, d: width }));
});

const packedEmbedding = WEIGHT_TYPES.slice(1).map((type) =>
  kernelCheck(`embedding, forward and decoding, ${type} weights`, 0, async (bench) => {
    const [V, width] = [bench.random.range(1, 100), bench.random.range(1, 200)];
    const { states, bindings, R } = liveRows(bench, 9, V);
    const { words, W } = packedWeights(bench, V, width, type);
    const ids = Uint32Array.from(states, ({ token }) => token);
    const table = bench.weights(words);
    const [decoded, y] = [bench.blank(R, width), bench.blank(R, width)];
    await bench.run(
      [
        decodeEmbedding(width, bench.rows, bindings, table, decoded, undefined, type),
        layerEmbedding(width, bench.rows, bench.activations(ids, 1), table, y, undefined, type),
      ],
      R,
    );
    const expected = reference.embedding.forward(ids, W, { V, d: width });
    return Math.max(await bench.error(decoded, expected), await bench.error(y, expected));
  }),
);

function append(normed: boolean): KernelCheck {
  return kernelCheck(`decode: rope${normed ? ' with q/k norm' : ''} into the cache`, 1e-5, async (bench) => {
    const shape = headShape(bench.random);
    const { heads: H, kvHeads: KV, headDim: hd } = shape;
    const maxLength = bench.random.range(1, 50);
    const { count, states, bindings, R } = liveRows(bench, maxLength);
    const theta = bench.random.choice([1e4, 1e6]);
    const [q, k, v] = [H, KV, KV].map((heads) => bench.normals(R * heads * hd));
    const [qWeights, kWeights] = [bench.normals(hd), bench.normals(hd)];
    const before = bench.normals(count * maxLength * 2 * KV * hd);
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
    const pos = Uint32Array.from(states, ({ position }) => position);
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
    states.forEach(({ cache, position }, r) =>
      expected.set(entries.subarray(r * width, (r + 1) * width), (cache * maxLength + position) * width),
    );
    return Math.max(await bench.error(queries, rotatedQ), await bench.error(cache, expected));
  });
}

const attention = kernelCheck('decode: attention', 1e-5, async (bench) => {
  const shape = headShape(bench.random);
  const { heads: H, kvHeads: KV, headDim: hd } = shape;
  const maxLen = bench.random.choice([1, bench.random.range(2, 40), bench.random.range(41, 200)]);
  const { count, states, bindings, R } = liveRows(bench, maxLen);
  const width = KV * hd;
  const [keys, values] = [0, 1].map(() => bench.normals(count * maxLen * width));
  const cache = Float32Array.from(beside(count * maxLen, keys, values));
  for (let c = 0; c < count; c++) {
    const last = Math.max(-1, ...states.filter((s) => s.cache === c).map((s) => s.position));
    cache.fill(NaN, (c * maxLen + last + 1) * 2 * width, (c + 1) * maxLen * 2 * width);
  }
  const q = bench.normals(R * H * hd, bench.random.choice([0.5, 1, 4]));
  const o = bench.blank(R, H * hd);
  const inputs = [bench.activations(q, H * hd), bench.weights(cache)] as const;
  await bench.run([decodeAttention(shape, maxLen, bench.rows, bindings, ...inputs, o)], R);
  const caches = Uint32Array.from(states, (s) => s.cache);
  const lengths = Uint32Array.from(states, (s) => s.position + 1);
  const expected = reference.decodeAttention.forward(q, keys, values, caches, lengths, {
    ...{ H, KV, hd, maxLen },
  });
  return bench.error(o, expected);
});

const copies = kernelCheck('decode: copies of a cache', 0, async (bench) => {
  const { random } = bench;
  const shape = headShape(random);
  const entry = 2 * shape.kvHeads * shape.headDim;
  const [slots, maxLength] = [random.range(2, 12), random.range(1, 60)];
  const before = bench.normals(slots * maxLength * entry);
  const cache = bench.weights(before);
  const [sources, targets] = [random.range(1, slots - 1), random.shuffle([...Array(slots).keys()])];
  const from = targets.splice(0, sources);
  const wanted = targets.map((to) => [random.choice(from), to, random.range(0, maxLength), 0]);
  const list = bench.weights(Uint32Array.from(wanted.flat()));
  await bench.run([copyCache(shape, maxLength, bench.rows, list, cache)], wanted.length);
  const expected = Float64Array.from(before);
  const at = (slot: number) => slot * maxLength * entry;
  for (const [source, to, length] of wanted)
    expected.set(before.subarray(at(source), at(source) + length * entry), at(to));
  return bench.error(cache, expected);
});

export const decodeChecks: KernelCheck[] = [
  embedding,
  ...packedEmbedding,
  append(false),
  append(true),
  attention,
  copies,
];
