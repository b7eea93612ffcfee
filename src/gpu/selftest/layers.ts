/** Embedding, RMSNorm and SwiGLU. */
import {
  embedding,
  embeddingGradient,
  groupById,
  rmsnorm,
  rmsnormInputGradient,
  swiglu,
  swigluGradient,
  type TablePart,
} from '../kernels/layers';
import * as reference from '../reference';
import { kernelCheck, plus, type Bench, type KernelCheck } from './bench';

const EPSILON = 1e-5;

const size = ({ random }: Bench) => ({
  T: random.choice([1, random.range(2, 63), random.range(64, 300)]),
  // Multiples of 4 are computed in fours.
  width: random.choice([random.range(1, 200), 4 * random.range(1, 50)]),
});

/** A table whole, or in two parts. */
const tableParts = ({ random }: Bench, V: number): (TablePart | undefined)[] => {
  if (V === 1 || random.next() < 0.5) return [undefined];
  const cut = random.range(1, V - 1);
  return [
    { first: 0, rows: cut },
    { first: cut, rows: V - cut },
  ];
};
const rowsOf = (table: Float32Array, width: number, part?: TablePart) =>
  part ? table.slice(part.first * width, (part.first + part.rows) * width) : table;

const embeddingForward = kernelCheck('embedding', 0, async (bench) => {
  const { T, width } = size(bench);
  const V = bench.random.range(1, 100);
  const ids = bench.integers(T, V);
  const table = bench.normals(V * width);
  const y = bench.blank(T, width);
  const uploaded = bench.activations(ids, 1);
  await bench.run(
    tableParts(bench, V).map((part) =>
      embedding(width, bench.rows, uploaded, bench.weights(rowsOf(table, width, part)), y, part),
    ),
    T,
  );
  return bench.error(y, reference.embedding.forward(ids, table, { V, d: width }));
});

const embeddingBackward = kernelCheck('embedding gradient', 1e-5, async (bench) => {
  const { T, width } = size(bench);
  const V = bench.random.range(1, 100);
  const ids = bench.integers(T, V);
  const [dy, before] = [T * width, V * width].map((n) => bench.normals(n));
  const { used, order } = groupById(ids);
  const parts = tableParts(bench, V).map((part) => ({
    part,
    dTable: bench.weights(rowsOf(before, width, part)),
  }));
  const [usedIds, tokens] = [bench.weights(used), bench.weights(order)];
  const dyBuffer = bench.activations(dy, width);
  const uniform = bench.uniform(Uint32Array.of(T, used.length / 4, 0, 0));
  await bench.run(
    parts.map(({ part, dTable }) =>
      embeddingGradient(width, uniform, () => used.length / 4, usedIds, tokens, dyBuffer, dTable, part),
    ),
    T,
  );
  const expected = plus(before, reference.embedding.backward(ids, dy, { V, d: width }));
  const errors = parts.map(({ part, dTable }) => {
    const [begin, end] = part ? [part.first, part.first + part.rows] : [0, V];
    return bench.error(dTable, expected.slice(begin * width, end * width));
  });
  return Math.max(...(await Promise.all(errors)));
});

const rmsnormForward = kernelCheck('rmsnorm', 1e-5, async (bench) => {
  const { T, width } = size(bench);
  const [x, w] = [bench.normals(T * width, bench.random.choice([0.01, 1, 30])), bench.normals(width)];
  const [y, rstd] = [bench.blank(T, width), bench.blank(T, 1)];
  await bench.run(
    [rmsnorm('rmsnorm', width, EPSILON, bench.rows, bench.activations(x, width), bench.weights(w), y, rstd)],
    T,
  );
  const expected = reference.rmsnorm.forward(x, w, EPSILON);
  return Math.max(await bench.error(y, expected.y), await bench.error(rstd, expected.rstd));
});

function rmsnormBackward(add: boolean): KernelCheck {
  return kernelCheck(`rmsnorm input gradient${add ? ', added' : ''}`, 1e-5, async (bench) => {
    const { T, width } = size(bench);
    const [x, w, dy, before] = [T * width, width, T * width, T * width].map((n) => bench.normals(n));
    const rstd = Float32Array.from(reference.rmsnorm.forward(x, w, EPSILON).rstd);
    const dx = add ? bench.activations(before, width) : bench.blank(T, width);
    await bench.run(
      [
        rmsnormInputGradient(
          'rmsnorm gradient',
          width,
          bench.rows,
          bench.activations(x, width),
          bench.weights(w),
          bench.activations(rstd, 1),
          bench.activations(dy, width),
          dx,
          add,
        ),
      ],
      T,
    );
    const expected = reference.rmsnorm.backward(x, w, rstd, dy).dx;
    return bench.error(dx, add ? plus(before, expected) : expected);
  });
}

const swigluForward = kernelCheck('swiglu', 1e-5, async (bench) => {
  const { T, width } = size(bench);
  const gateUp = bench.normals(T * 2 * width, bench.random.choice([1, 20]));
  const y = bench.blank(T, width);
  await bench.run([swiglu(width, bench.rows, bench.activations(gateUp, 2 * width), y)], T);
  return bench.error(y, reference.swiglu.forward(gateUp, { T, F: width }));
});

const swigluBackward = kernelCheck('swiglu gradient', 1e-5, async (bench) => {
  const { T, width } = size(bench);
  const gateUp = bench.normals(T * 2 * width, bench.random.choice([1, 20]));
  const dy = bench.normals(T * width);
  const dGateUp = bench.blank(T, 2 * width);
  const inputs = [bench.activations(gateUp, 2 * width), bench.activations(dy, width)] as const;
  await bench.run([swigluGradient(width, bench.rows, ...inputs, dGateUp)], T);
  return bench.error(dGateUp, reference.swiglu.backward(gateUp, dy, { T, F: width }));
});

export const layerChecks: KernelCheck[] = [
  embeddingForward,
  embeddingBackward,
  rmsnormForward,
  rmsnormBackward(false),
  rmsnormBackward(true),
  swigluForward,
  swigluBackward,
];
