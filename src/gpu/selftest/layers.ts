/** Embedding, RMSNorm and SwiGLU. */
import {
  embedding,
  embeddingGradient,
  groupById,
  rmsnorm,
  rmsnormInputGradient,
  swiglu,
  swigluGradient,
} from '../kernels/layers';
import * as reference from '../reference';
import { kernelCheck, plus, type Bench, type KernelCheck } from './bench';

const EPSILON = 1e-5;

const size = ({ random }: Bench) => ({
  T: random.choice([1, random.range(2, 63), random.range(64, 300)]),
  width: random.range(1, 200),
});

const embeddingForward = kernelCheck('embedding', 0, async (bench) => {
  const { T, width } = size(bench);
  const V = bench.random.range(1, 100);
  const ids = bench.integers(T, V);
  const table = bench.normals(V * width);
  const y = bench.blank(T, width);
  const buffers = [bench.activations(ids, 1), bench.weights(table), y] as const;
  await bench.run([embedding(width, bench.rows, ...buffers)], T);
  return bench.error(y, reference.embedding.forward(ids, table, { V, d: width }));
});

const embeddingBackward = kernelCheck('embedding gradient', 1e-5, async (bench) => {
  const { T, width } = size(bench);
  const V = bench.random.range(1, 100);
  const ids = bench.integers(T, V);
  const [dy, before] = [T * width, V * width].map((n) => bench.normals(n));
  const { used, order } = groupById(ids);
  const dTable = bench.weights(before);
  await bench.run(
    [
      embeddingGradient(
        width,
        bench.uniform(Uint32Array.of(T, used.length / 4, 0, 0)),
        () => used.length / 4,
        bench.weights(used),
        bench.weights(order),
        bench.activations(dy, width),
        dTable,
      ),
    ],
    T,
  );
  return bench.error(dTable, plus(before, reference.embedding.backward(ids, dy, { V, d: width })));
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
