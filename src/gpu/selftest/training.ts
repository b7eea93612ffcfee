/** Token loss, gradient norm and AdamW. */
import {
  LOSS_STATE_WORDS,
  lossUniform,
  NO_TARGET,
  partUniform,
  tokenLoss,
  tokenLossGradient,
  tokenLossPart,
  tokenLossPartGradient,
} from '../kernels/loss';
import { adamw, adamwUniform, gradNorm, NORM_LANES, type AdamWSettings } from '../kernels/optimizer';
import { pack, packFloat16, rowWords } from '../kernels/packed-weights';
import * as reference from '../reference';
import { beside, kernelCheck, type Bench, type KernelCheck } from './bench';

function lossInputs(bench: Bench) {
  const { random } = bench;
  const T = random.choice([1, random.range(2, 200)]);
  const V = random.range(2, 400);
  const temperature = random.choice([0.6, 1, 1.7]);
  const targets = Uint32Array.from({ length: T }, () => (random.next() < 0.2 ? NO_TARGET : random.int(V)));
  const normals = bench.normals(T * V, random.choice([1, 5]));
  // On a coarse grid some are equal, and the first of them is the likeliest id.
  const logits = random.choice([normals, normals.map(Math.round)]);
  return {
    ...{ T, V, temperature, targets, logits },
    rows: { uniform: bench.uniform(lossUniform(T, temperature)), count: bench.rows.count },
    logitsBuffer: bench.activations(logits, V),
    targetsBuffer: bench.activations(targets, 1),
  };
}

/** [T, 3]: log-prob, entropy and log-sum-exp; and [T]: the likeliest id, 0 without a target. */
function expectedStats(logits: Float32Array, targets: Uint32Array, temperature: number) {
  const { logp, entropy, lse } = reference.tokenLoss.forward(logits, targets, temperature);
  const V = logits.length / targets.length;
  const best = Float64Array.from(targets, (target, t) => {
    const row = logits.subarray(t * V, (t + 1) * V);
    return target === NO_TARGET ? 0 : row.indexOf(row.reduce((a, b) => Math.max(a, b)));
  });
  return { stats: beside(targets.length, logp, entropy, lse), best };
}

const lossForward = kernelCheck('token loss', 1e-5, async (bench) => {
  const { T, V, temperature, targets, logits, rows, logitsBuffer, targetsBuffer } = lossInputs(bench);
  const stats = bench.blank(T, 4);
  await bench.run([tokenLoss(V, rows, logitsBuffer, targetsBuffer, stats)], T);
  const expected = expectedStats(logits, targets, temperature);
  const actual = (await bench.floats(stats)).subarray(0, 4 * T);
  const wrong = expected.best.filter((id, t) => id !== actual[4 * t + 3]).length;
  const numbers = actual.filter((_, i) => i % 4 < 3);
  return Math.max(wrong, reference.relativeError(numbers, expected.stats));
});

const lossBackward = kernelCheck('token loss gradient', 2e-5, async (bench) => {
  const { T, V, temperature, targets, logits, rows, logitsBuffer, targetsBuffer } = lossInputs(bench);
  const [ofLogp, ofEntropy] = [bench.normals(T), bench.normals(T)];
  const { stats, best } = expectedStats(logits, targets, temperature);
  await bench.run(
    [
      tokenLossGradient(
        V,
        rows,
        logitsBuffer,
        targetsBuffer,
        bench.activations(Float32Array.from(beside(T, stats, best)), 4),
        bench.activations(Float32Array.from(beside(T, ofLogp, ofEntropy)), 2),
      ),
    ],
    T,
  );
  const { backward } = reference.tokenLoss;
  return bench.error(logitsBuffer, backward(logits, targets, temperature, ofLogp, ofEntropy));
});

/** The vocabulary in one to three parts, with the logits of each. */
function vocabularyParts(bench: Bench, logits: Float32Array, V: number) {
  const cutsAt = Array.from({ length: bench.random.range(0, 2) }, () => bench.random.int(V));
  const borders = [...new Set([0, ...cutsAt, V])].sort((a, b) => a - b);
  return borders.slice(1).map((end, i) => {
    const first = borders[i];
    const width = end - first;
    const own = logits.filter((_, at) => at % V >= first && at % V < end);
    return {
      ...{ first, width, uniform: bench.uniform(partUniform(first, width, V)) },
      logits: bench.activations(own, width),
    };
  });
}

const lossByParts = kernelCheck('token loss, part by part, and its gradient', 2e-5, async (bench) => {
  const { T, V, temperature, targets, logits, rows, targetsBuffer } = lossInputs(bench);
  const parts = vocabularyParts(bench, logits, V);
  const stats = bench.blank(T, 4);
  const state = bench.blank(T, LOSS_STATE_WORDS);
  await bench.run(
    parts.map((part) => tokenLossPart(part, rows, part.logits, targetsBuffer, state, stats)),
    T,
  );
  const expected = expectedStats(logits, targets, temperature);
  const actual = (await bench.floats(stats)).subarray(0, 4 * T);
  const wrong = expected.best.filter((id, t) => id !== actual[4 * t + 3]).length;
  const numbers = actual.filter((_, i) => i % 4 < 3);

  const [ofLogp, ofEntropy] = [bench.normals(T), bench.normals(T)];
  const coefficients = bench.activations(Float32Array.from(beside(T, ofLogp, ofEntropy)), 2);
  await bench.run(
    parts.map((part) => tokenLossPartGradient(part, rows, part.logits, targetsBuffer, stats, coefficients)),
    T,
  );
  const gradient = reference.tokenLoss.backward(logits, targets, temperature, ofLogp, ofEntropy);
  const got = await Promise.all(
    parts.map(async (part) => (await bench.floats(part.logits)).subarray(0, T * part.width)),
  );
  const whole = Float32Array.from(beside(T, ...got));
  return Math.max(
    wrong,
    reference.relativeError(numbers, expected.stats),
    reference.relativeError(whole, gradient),
  );
});

/** Fewer values than lanes, and many to a lane. */
const parameterCount = ({ random }: Bench) =>
  random.choice([random.range(1, 900), random.range(2000, 70_000)]);

const norm = kernelCheck('gradient norm', 1e-5, async (bench) => {
  const sizes = Array.from({ length: bench.random.range(1, 3) }, () => parameterCount(bench));
  const scale = bench.random.choice([1e-4, 1, 100]);
  const gradients = sizes.map((size) => bench.normals(size, scale));
  const out = bench.weights(Float32Array.of(NaN));
  const buffers = gradients.map((g) => bench.weights(g));
  await bench.run(gradNorm(sizes, buffers, bench.blank(NORM_LANES * sizes.length, 1), out), 1);
  const squares = gradients.map((all) => all.reduce((sum, g) => sum + g * g, 0));
  return bench.error(out, Float64Array.of(Math.sqrt(squares.reduce((a, b) => a + b))));
});

const optimizer = kernelCheck('adamw', 2e-5, async (bench) => {
  const { random } = bench;
  const size = parameterCount(bench);
  const settings: AdamWSettings = {
    learningRate: random.choice([1e-3, 0.1]),
    beta1: 0.9,
    beta2: random.choice([0.99, 0.999]),
    epsilon: 1e-8,
    weightDecay: 0.1,
    maxGradNorm: random.choice([0, 1, 1e6]),
  };
  const step = random.choice([1, 2, 500]);
  // Parameters of the size of an update, so that a wrong update shows; moments of zero at the first step.
  const [p, g] = [bench.normals(size, settings.learningRate), bench.normals(size)];
  const moments = bench.normals(size, step === 1 ? 0 : 0.3);
  const squares = bench.normals(size, step === 1 ? 0 : 0.3).map((x) => x * x);
  const expected = [p, moments, squares].map((x) => Float64Array.from(x));
  const gradNorm = reference.adamw.step(expected[0], g, expected[1], expected[2], {
    ...settings,
    lr: settings.learningRate,
    eps: settings.epsilon,
    step,
  });
  const buffers = [p, moments, squares].map((x) => bench.weights(x));
  await bench.run(
    [
      adamw(
        size,
        bench.uniform(adamwUniform(settings, step)),
        bench.weights(g),
        bench.weights(Float32Array.of(gradNorm)),
        buffers[0],
        buffers[1],
        buffers[2],
      ),
    ],
    1,
  );
  const errors = await Promise.all(buffers.map((buffer, i) => bench.error(buffer, expected[i])));
  return Math.max(...errors);
});

/** Numbers of every size that float16 has, ties among them, the largest and what is beyond it. */
const halfCopy = kernelCheck('float16 copy', 0, async (bench) => {
  const { random } = bench;
  const [rows, columns] = [random.range(1, 60), random.range(1, 150)];
  const x = bench.normals(rows * columns, 2 ** random.range(-27, 2));
  x.forEach((value, i) => {
    if (i % 3 === 0) x[i] = Math.round(value * 2 ** 12) / 2 ** 12;
  });
  [65504, -65519.9, 2 ** -25, 1.5 * 2 ** -24, 1 + 2 ** -11, 0].forEach((value, i) => {
    if (i < x.length) x[i] = value;
  });
  const expected = new Uint32Array(pack(x, columns, 'float16'));
  x.forEach((value, i) => {
    if (Math.abs(value) === 65504) x[i] = value * 1e9;
  });
  const words = bench.blank(rows, rowWords('float16', columns));
  await bench.run([packFloat16({ rows, columns }, bench.weights(x), words)], 1);
  const actual = await bench.words(words);
  return Math.max(...expected.map((word, i) => (word === actual[i] ? 0 : 1)));
});

export const trainingChecks: KernelCheck[] = [
  lossForward,
  lossBackward,
  lossByParts,
  norm,
  optimizer,
  halfCopy,
];
