/** The sampler: which token it takes, with which random numbers, and the log-prob it reports. */
import { threefry2x32, type Random } from '../../random';
import type { SamplingSettings } from '../kernels/decode';
import * as reference from '../reference';
import { kernelCheck, type Bench, type KernelCheck } from './bench';
import { freshSlots, runSampler } from './slots';

/** The number in (0, 1) by which the sampler picks the token at `position`: 24 bits, in the middle of their interval. */
export function uniformAt({ seed, stream }: SamplingSettings, slotStream: number, position: number): number {
  return ((threefry2x32(seed, stream, slotStream, position)[0] >>> 8) + 0.5) / 2 ** 24;
}

function settings({ random }: Bench): SamplingSettings {
  return {
    temperature: random.choice([0.6, 1, 1.5]),
    topK: random.choice([0, 1, random.range(2, 30)]),
    topP: random.choice([1, 0.95, 0.5]),
    seed: random.int(2 ** 32),
    stream: random.int(2 ** 32),
  };
}

/** Logits on a coarse grid, so that some are equal. */
const withTies = (logits: Float32Array) => logits.map((z) => Math.round(z * 4) / 4);

/** Few rows of a vocabulary that a workgroup samples from, or many of one that a thread does. */
const VOCABULARIES = [
  { name: '', rows: 70, vocab: (random: Random) => random.range(2, 400) },
  { name: ', large vocabulary', rows: 5, vocab: (random: Random) => random.range(8193, 9000) },
];

const greedy = VOCABULARIES.map(({ name, rows: most, vocab: sizeOf }) =>
  kernelCheck(`sampler: greedy${name}`, 0, async (bench) => {
    const [rows, vocab] = [bench.random.range(1, most), sizeOf(bench.random)];
    const logits = withTies(bench.normals(rows * vocab));
    const banned = [...bench.integers(vocab / 4, vocab)];
    const slots = freshSlots(rows, 2);
    const input = { logits, vocab, slots, maxLength: 2, banned, settings: { temperature: 0 } };
    const { tokens } = await runSampler(bench, input, 1);
    let wrong = 0;
    for (let r = 0; r < rows; r++) {
      const row = logits.subarray(r * vocab, (r + 1) * vocab);
      const best = reference.sample
        .probabilities(row, { temperature: 0, topK: 0, topP: 1, banned })
        .indexOf(1);
      wrong += Number(tokens[2 * r + 1] !== best);
    }
    return wrong / rows;
  }),
);

const randomNumbers = kernelCheck('sampler: random numbers', 0, async (bench) => {
  // Equal logits turn the token into the first 12 bits of the random number, without any rounding.
  const [rows, vocab, times] = [bench.random.range(1, 40), 4096, 12];
  const slots = freshSlots(rows, times + 1).map((slot) => ({ ...slot, stream: bench.random.int(2 ** 32) }));
  const drawn = { ...settings(bench), temperature: 1, topK: 0, topP: 1 };
  const logits = new Float32Array(rows * vocab);
  const input = { logits, vocab, slots, maxLength: times + 1, settings: drawn };
  const { tokens } = await runSampler(bench, input, times);
  let wrong = 0;
  for (let r = 0; r < rows; r++)
    for (let position = 1; position <= times; position++) {
      const expected = Math.floor(uniformAt(drawn, slots[r].stream, position) * vocab);
      wrong += Number(tokens[r * (times + 1) + position] !== expected);
    }
  return wrong / (rows * times);
});

/**
 * Tokens that differ from the exact inverse of the distribution: a few in a million, where rounding decides; more where
 * thousands of probabilities are added up.
 */
const DRAWS = [
  { name: '', tolerance: 2e-3, most: 70, times: 30, sizeOf: (random: Random) => random.range(2, 60) },
  {
    name: ', large vocabulary',
    tolerance: 0.05,
    most: 4,
    times: 20,
    sizeOf: (random: Random) => random.range(8193, 9000),
  },
];
const draws = DRAWS.map(({ name, tolerance, most, times, sizeOf }) =>
  kernelCheck(`sampler: temperature, top-k, top-p, bans${name}`, tolerance, async (bench) => {
    const rows = bench.random.range(1, most);
    const vocab = sizeOf(bench.random);
    const plain = bench.normals(rows * vocab, 2);
    const logits = bench.random.choice([plain, withTies(plain)]);
    const banned = bench.random.choice([[], [vocab - 1], [...bench.integers(vocab / 3, vocab)]]);
    const drawn = settings(bench);
    const slots = freshSlots(rows, times + 1);
    const input = { logits, vocab, slots, maxLength: times + 1, banned, settings: drawn };
    const { tokens } = await runSampler(bench, input, times);
    let wrong = 0;
    for (let r = 0; r < rows; r++) {
      const row = logits.subarray(r * vocab, (r + 1) * vocab);
      const probabilities = reference.sample.probabilities(row, { ...drawn, banned });
      for (let position = 1; position <= times; position++) {
        const expected = reference.sample.sampleFromUniform(probabilities, uniformAt(drawn, r, position));
        wrong += Number(tokens[r * (times + 1) + position] !== expected);
      }
    }
    return wrong / (rows * times);
  }),
);

const logProbs = VOCABULARIES.map(({ name, rows: most, vocab: sizeOf }) =>
  kernelCheck(`sampler: log-probs${name}`, 1e-5, async (bench) => {
    const [rows, vocab] = [bench.random.range(1, most), sizeOf(bench.random)];
    const logits = bench.normals(rows * vocab, bench.random.choice([1, 5]));
    const banned = bench.random.choice([[], [0], [vocab - 1]]);
    const drawn = settings(bench);
    const temperature = bench.random.choice([0, drawn.temperature]);
    const slots = freshSlots(rows, 2);
    const input = { logits, vocab, slots, maxLength: 2, banned, settings: { ...drawn, temperature } };
    const { tokens, logps } = await runSampler(bench, input, 1);
    const [chosen, actual] = [tokens, logps].map((x) => x.filter((_, i) => i % 2));
    const z = Float64Array.from(logits, (x, i) => (banned.includes(i % vocab) ? -1e30 : x));
    const { logp } = reference.tokenLoss.forward(z, Uint32Array.from(chosen), temperature || 1);
    return reference.relativeError(Float32Array.from(actual), logp);
  }),
);

export const sampleChecks: KernelCheck[] = [...greedy, randomNumbers, ...draws, ...logProbs];
