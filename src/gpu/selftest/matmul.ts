/** Linear layers in every tile and type of weights, column sums and the sum of partial results. */
import {
  columnSum,
  linear,
  linearInputGradient,
  linearWeightGradient,
  reducePartials,
  tileByName,
  tileNames,
  tokenChunks,
  type Columns,
  type TileName,
} from '../kernels/matmul';
import { pack, unpack, WEIGHT_TYPES, type WeightType } from '../kernels/packed-weights';
import { Program } from '../program';
import * as reference from '../reference';
import { kernelCheck, plus, type Bench, type KernelCheck } from './bench';

const TOLERANCE = 1e-5;
const EXTRAS = ['', 'bias', 'residual'] as const;

/** Replays one recorded program with each row count; the largest error. */
async function worst(counts: readonly number[], run: (T: number) => Promise<number>): Promise<number> {
  let error = 0;
  for (const T of counts) error = Math.max(error, await run(T));
  return error;
}

/** [T, width]: those columns of [T, of]. */
const columnsOf = (wide: Float32Array, T: number, { first, of }: Columns, width: number): Float32Array =>
  Float32Array.from({ length: T * width }, (_, i) => wide[Math.floor(i / width) * of + first + (i % width)]);

/** [T, of] with other values in those columns. */
function put(wide: Float32Array, T: number, { first, of }: Columns, values: Float64Array): Float64Array {
  const all = Float64Array.from(wide);
  const width = values.length / T;
  for (let t = 0; t < T; t++) all.set(values.subarray(t * width, (t + 1) * width), t * of + first);
  return all;
}

/** Outputs and inputs, narrower than a tile or not a multiple of it. */
export const linearSizes = ({ random }: Bench) => ({ N: random.range(1, 70), K: random.range(1, 70) });

/** One row, and row counts around the border of the largest tile. */
const rowCounts = ({ random }: Bench) => [
  1,
  random.range(2, 63),
  random.range(64, 65),
  random.range(66, 150),
];

/** Token counts on both sides of a chunk's border. */
const tokenCounts = ({ random }: Bench) => [1, random.range(2, 511), random.range(513, 1100)];

function forward(tile: TileName, extra: (typeof EXTRAS)[number]): KernelCheck {
  return kernelCheck(`linear${extra && ` + ${extra}`}, ${tile} tile`, TOLERANCE, async (bench) => {
    const { N, K } = linearSizes(bench);
    const counts = rowCounts(bench);
    const most = Math.max(...counts);
    const [x, W, bias, residual] = [most * K, N * K, N, most * N].map((n) => bench.normals(n));
    const y = bench.blank(most, N);
    const empty = new Float32Array(y.size / 4).fill(NaN);
    const layer = linear(
      'linear',
      { outputs: N, inputs: K },
      bench.rows,
      bench.activations(x, K),
      bench.weights(W),
      y,
      {
        bias: extra === 'bias' ? bench.weights(bias) : undefined,
        residual: extra === 'residual' ? bench.activations(residual, N) : undefined,
      },
      tileByName(bench.gpu, tile),
    );
    const program = await Program.record(bench.gpu, [layer]);
    return worst(counts, async (T) => {
      bench.gpu.write(y, empty);
      await bench.replay(program, T);
      const shape = { T, N, K };
      const expected = reference.linear.forward(
        x.subarray(0, T * K),
        W,
        shape,
        extra === 'bias' ? bias : undefined,
      );
      return bench.error(y, extra === 'residual' ? plus(residual, expected) : expected);
    });
  });
}

function inputGradient(tile: TileName): KernelCheck {
  return kernelCheck(`linear input gradient, ${tile} tile`, TOLERANCE, async (bench) => {
    const { N, K } = linearSizes(bench);
    const counts = rowCounts(bench);
    const most = Math.max(...counts);
    const [dy, W] = [most * N, N * K].map((n) => bench.normals(n));
    const dx = bench.blank(most, K);
    const empty = new Float32Array(dx.size / 4).fill(NaN);
    const layer = linearInputGradient(
      'linear input gradient',
      { outputs: N, inputs: K },
      bench.rows,
      bench.activations(dy, N),
      bench.weights(W),
      dx,
      tileByName(bench.gpu, tile),
    );
    const program = await Program.record(bench.gpu, [layer]);
    return worst(counts, async (T) => {
      bench.gpu.write(dx, empty);
      await bench.replay(program, T);
      const expected = reference.linear.backwardInput(dy.subarray(0, T * N), W, { T, N, K });
      return bench.error(dx, expected);
    });
  });
}

/** Weights [N, K] in fewer bits, and the numbers that they then are. */
export function packedWeights(bench: Bench, N: number, K: number, type: WeightType) {
  const words = new Uint32Array(pack(bench.normals(N * K, 0.02), K, type));
  return { words, W: unpack(words, K, type) };
}

/** Blocks that are full, and one that is not. */
const packedSizes = ({ random }: Bench) => ({ N: random.range(1, 150), K: random.range(1, 150) });

function packedForward(tile: TileName, weightType: WeightType): KernelCheck {
  return kernelCheck(`linear + ${weightType} weights, ${tile} tile`, TOLERANCE, async (bench) => {
    const { N, K } = packedSizes(bench);
    const T = bench.random.range(1, 70);
    const { words, W } = packedWeights(bench, N, K, weightType);
    const [x, bias] = [T * K, N].map((n) => bench.normals(n));
    const y = bench.blank(T, N);
    await bench.run(
      [
        linear(
          'linear',
          { outputs: N, inputs: K },
          bench.rows,
          bench.activations(x, K),
          bench.weights(words),
          y,
          { weightType, bias: bench.weights(bias) },
          tileByName(bench.gpu, tile),
        ),
      ],
      T,
    );
    return bench.error(y, reference.linear.forward(x, W, { T, N, K }, bias));
  });
}

function packedInputGradient(tile: TileName, weightType: WeightType): KernelCheck {
  return kernelCheck(
    `linear input gradient + ${weightType} weights, ${tile} tile`,
    TOLERANCE,
    async (bench) => {
      const { N, K } = packedSizes(bench);
      const T = bench.random.range(1, 70);
      const { words, W } = packedWeights(bench, N, K, weightType);
      const dy = bench.normals(T * N);
      const dx = bench.blank(T, K);
      await bench.run(
        [
          linearInputGradient(
            'linear input gradient',
            { outputs: N, inputs: K },
            bench.rows,
            bench.activations(dy, N),
            bench.weights(words),
            dx,
            tileByName(bench.gpu, tile),
            { weightType },
          ),
        ],
        T,
      );
      return bench.error(dx, reference.linear.backwardInput(dy, W, { T, N, K }));
    },
  );
}

function weightGradient(tile: TileName): KernelCheck {
  return kernelCheck(`linear weight gradient, ${tile} tile`, TOLERANCE, async (bench) => {
    const { N, K } = linearSizes(bench);
    const counts = tokenCounts(bench);
    const most = Math.max(...counts);
    const [dy, x, before] = [most * N, most * K, N * K].map((n) => bench.normals(n));
    const dW = bench.weights(before);
    const layer = linearWeightGradient(
      'linear weight gradient',
      { outputs: N, inputs: K },
      bench.rows,
      bench.activations(dy, N),
      bench.activations(x, K),
      bench.blank(tokenChunks(most), N * K),
      dW,
      tileByName(bench.gpu, tile),
    );
    const program = await Program.record(bench.gpu, layer);
    return worst(counts, async (T) => {
      bench.gpu.write(dW, before);
      await bench.replay(program, T);
      const [rows, inputs] = [dy.subarray(0, T * N), x.subarray(0, T * K)];
      return bench.error(dW, plus(before, reference.linear.backwardWeight(rows, inputs, { T, N, K })));
    });
  });
}

/** A product of columns of wider matrices, that goes on from what the result holds, scaled. */
const columns = kernelCheck('linear layer of columns, and its gradients', TOLERANCE, async (bench) => {
  const { random } = bench;
  const { N, K } = linearSizes(bench);
  const T = random.range(1, 100);
  const scale = random.choice([1, 0.25]);
  const within = (width: number) => {
    const first = random.range(0, 9);
    return { first, of: first + width + random.range(0, 9) };
  };
  const [ofX, ofY] = [within(K), within(N)];
  const [wideX, wideY, W] = [T * ofX.of, T * ofY.of, N * K].map((n) => bench.normals(n));
  const x = columnsOf(wideX, T, ofX, K);
  const y = columnsOf(wideY, T, ofY, N);
  const shape = { outputs: N, inputs: K };
  const scaled = (numbers: Float64Array) => numbers.map((value) => scale * value);
  const of = (wide: Float32Array, { of }: Columns) => bench.activations(wide, of);

  const [forward, input, weight] = [of(wideY, ofY), of(wideX, ofX), bench.weights(W)];
  const partials = bench.blank(1, N * K);
  await bench.run(
    [
      linear('y', shape, bench.rows, of(wideX, ofX), bench.weights(W), forward, {
        ...{ xColumns: ofX, yColumns: ofY },
        ...(scale === 1 ? { accumulate: true } : { scale }),
      }),
      linearInputGradient('dx', shape, bench.rows, of(wideY, ofY), bench.weights(W), input, undefined, {
        ...{ dyColumns: ofY, dxColumns: ofX },
        ...(scale === 1 ? { accumulate: true } : { scale }),
      }),
      ...linearWeightGradient(
        'dW',
        shape,
        bench.rows,
        of(wideY, ofY),
        of(wideX, ofX),
        partials,
        weight,
        undefined,
        { dyColumns: ofY, xColumns: ofX },
      ),
    ],
    T,
  );
  const { linear: exact } = reference;
  const added = (before: Float32Array, product: Float64Array) =>
    scale === 1 ? plus(before, product) : scaled(product);
  const expected = {
    y: added(y, exact.forward(x, W, { T, N, K })),
    dx: added(x, exact.backwardInput(y, W, { T, N, K })),
  };
  return Math.max(
    await bench.error(forward, put(wideY, T, ofY, expected.y)),
    await bench.error(input, put(wideX, T, ofX, expected.dx)),
    await bench.error(weight, plus(W, exact.backwardWeight(y, x, { T, N, K }))),
  );
});

/** Enough results to be added to in place: the tokens of several chunks in one chain. */
const largeWeightGradient = kernelCheck('linear weight gradient, large', TOLERANCE, async (bench) => {
  const [T, N, K] = [bench.random.range(520, 530), 725, 725];
  const [dy, x, before] = [T * N, T * K, N * K].map((n) => bench.normals(n));
  const dW = bench.weights(before);
  const none = bench.zeros(4);
  const shape = { outputs: N, inputs: K };
  const [rows, inputs] = [bench.activations(dy, N), bench.activations(x, K)];
  await bench.run(linearWeightGradient('dW', shape, bench.rows, rows, inputs, none, dW), T);
  return bench.error(dW, plus(before, reference.linear.backwardWeight(dy, x, { T, N, K })));
});

const biasGradient = kernelCheck('bias gradient', TOLERANCE, async (bench) => {
  const N = bench.random.range(1, 90);
  const counts = tokenCounts(bench);
  const most = Math.max(...counts);
  const [dy, before] = [most * N, N].map((n) => bench.normals(n));
  const out = bench.weights(before);
  const partials = bench.blank(tokenChunks(most), N);
  const sums = columnSum('bias gradient', N, bench.rows, bench.activations(dy, N), partials, out);
  const program = await Program.record(bench.gpu, sums);
  return worst(counts, async (T) => {
    bench.gpu.write(out, before);
    await bench.replay(program, T);
    return bench.error(out, plus(before, reference.linear.backwardBias(dy.subarray(0, T * N), { T, N })));
  });
});

const normWeightGradient = kernelCheck('rmsnorm weight gradient', TOLERANCE, async (bench) => {
  const N = bench.random.range(1, 90);
  const T = bench.random.range(1, 1200);
  const [x, w, dy, before] = [T * N, N, T * N, N].map((n) => bench.normals(n));
  const { rstd } = reference.rmsnorm.forward(x, w, 1e-6);
  const out = bench.weights(before);
  await bench.run(
    columnSum(
      'rmsnorm weight gradient',
      N,
      bench.rows,
      bench.activations(dy, N),
      bench.blank(tokenChunks(T), N),
      out,
      { x: bench.activations(x, N), rstd: bench.activations(Float32Array.from(rstd), 1) },
    ),
    T,
  );
  return bench.error(out, plus(before, reference.rmsnorm.backward(x, w, rstd, dy).dw));
});

const reduce = kernelCheck('sum of partial results', TOLERANCE, async (bench) => {
  const size = bench.random.range(1, 3000);
  const T = bench.random.range(1, 4000);
  const [partials, before] = [tokenChunks(T) * size, size].map((n) => bench.normals(n));
  const out = bench.weights(before);
  await bench.run([reducePartials('sum', size, bench.rows, bench.activations(partials, size), out)], T);
  const expected = Float64Array.from(before);
  partials.forEach((x, i) => (expected[i % size] += x));
  return bench.error(out, expected);
});

export const matmulChecks: KernelCheck[] = [
  ...tileNames.flatMap((tile) => [
    ...EXTRAS.map((extra) => forward(tile, extra)),
    inputGradient(tile),
    weightGradient(tile),
  ]),
  ...WEIGHT_TYPES.slice(1).flatMap((type) => [
    packedForward('row', type),
    packedInputGradient('small', type),
  ]),
  // A large tile takes a software adapter seconds to compile.
  packedForward('broadcast', 'int8'),
  packedInputGradient('broadcast', 'int4'),
  columns,
  largeWeightGradient,
  biasGradient,
  normWeightGradient,
  reduce,
];
