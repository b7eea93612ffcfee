import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../random';
import type { Gpu } from '../device';
import { sharedGpu } from '../testing';
import { linear, reducePartials, tileByName, tileNames } from '../kernels/matmul';
import { Bench, kernelCheck } from './bench';
import { linearSizes } from './matmul';
import { kernelChecks, runKernelCheck, runSelfTest, type CheckResult, type KernelCheck } from '.';

/** A matmul in a large tile takes a software adapter a second to compile, and every shape is compiled anew. */
const slow = kernelChecks.filter(({ kernel }) => kernel.endsWith('tile'));
const slowSeed = 1;
const quick = kernelChecks.filter((check) => !slow.includes(check));
const cases = (checks: readonly KernelCheck[], seeds: readonly number[]) =>
  checks.map((check) => ({ kernel: check.kernel, check, seeds }));

let asOffered: Gpu;
let withDefaults: Gpu;
beforeAll(async () => {
  asOffered = await sharedGpu();
  withDefaults = await sharedGpu({ defaultLimits: true });
});
afterEach(() => {
  expect(asOffered.allocatedBytes + withDefaults.allocatedBytes).toBe(0);
});

async function expectEqual(gpu: Gpu, check: KernelCheck, seeds: readonly number[]): Promise<void> {
  for (const seed of seeds) {
    const result = await runKernelCheck(gpu, check, seed);
    expect(result, `seed ${seed}`).toMatchObject({ kernel: check.kernel, passed: true });
    expect(result.error).toBeLessThanOrEqual(check.tolerance);
  }
}

describe('equal to its float64 reference on a device as the adapter offers', { timeout: 120_000 }, () => {
  it.each([...cases(quick, [1, 2, 3]), ...cases(slow, [slowSeed])])(
    '$kernel (seeds $seeds)',
    ({ check, seeds }) => expectEqual(asOffered, check, seeds),
  );

  it('every kernel, one by one, when all run at once', async () => {
    const reported: CheckResult[] = [];
    const results = await runSelfTest(asOffered, slowSeed, (result) => reported.push(result));
    expect(reported).toEqual(results);
    expect(results.map(({ kernel }) => kernel)).toEqual(kernelChecks.map(({ kernel }) => kernel));
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
  });

  it('in every tile alike, to the bit', async () => {
    const bench = new Bench(asOffered, new Random(slowSeed));
    const { N, K } = linearSizes(bench);
    const T = 70;
    const [x, W] = [bench.activations(bench.normals(T * K), K), bench.weights(bench.normals(N * K))];
    const results = await Promise.all(
      tileNames.map(async (tile) => {
        const y = bench.blank(T, N);
        const shape = { outputs: N, inputs: K };
        await bench.run([linear(tile, shape, bench.rows, x, W, y, {}, tileByName(asOffered, tile))], T);
        return (await bench.words(y)).subarray(0, T * N);
      }),
    );
    for (const bits of results) expect(bits).toEqual(results[0]);
    bench.destroy();
  });
});

describe("equal to its float64 reference with WebGPU's default limits", { timeout: 120_000 }, () => {
  const plain = slow.filter(({ kernel }) => !kernel.includes('+'));
  it.each([...cases(quick, [4, 5]), ...cases(plain, [2])])('$kernel (seeds $seeds)', ({ check, seeds }) =>
    expectEqual(withDefaults, check, seeds),
  );
});

it('adds up more numbers than it has threads', async () => {
  const bench = new Bench(asOffered, new Random(0));
  const size = 1_200_000;
  const numbers = Float32Array.from({ length: size }, (_, i) => i % 4099);
  const sum = bench.zeros(size);
  await bench.run([reducePartials('sum', size, bench.rows, bench.weights(numbers), sum)], 1);
  expect(await bench.error(sum, Float64Array.from(numbers))).toBe(0);
  bench.destroy();
});

describe('a check fails', () => {
  const run = (body: (bench: Bench) => Promise<number>) =>
    runKernelCheck(asOffered, kernelCheck('made up', 1e-5, body), 0);

  it('when the error is too large or not a number', async () => {
    expect(await run(() => Promise.resolve(1e-5))).toMatchObject({ passed: true, error: 1e-5 });
    expect(await run(() => Promise.resolve(2e-5))).toMatchObject({ passed: false, error: 2e-5 });
    expect(await run(() => Promise.resolve(NaN))).toMatchObject({ passed: false });
  });

  it('when an output was not written, or more than the output', async () => {
    expect((await run((b) => b.error(b.blank(3, 2), new Float64Array(6)))).passed).toBe(false);
    const tooFar = await run((b) => b.error(b.zeros(8), new Float64Array(6)));
    expect(tooFar).toMatchObject({
      passed: false,
      message: expect.stringMatching(/wrote element 6 of 6/) as string,
    });
  });

  it('when the device refuses something', async () => {
    const overlapping = await run((b) => {
      const buffer = b.zeros(4);
      const encoder = asOffered.device.createCommandEncoder();
      encoder.copyBufferToBuffer(buffer, 0, buffer, 0, 16);
      asOffered.submit(encoder);
      return Promise.resolve(0);
    });
    expect(overlapping).toMatchObject({
      passed: false,
      message: expect.stringMatching(/graphics device reported/) as string,
    });
  });

  it('when it leaves a buffer behind', async () => {
    let left: GPUBuffer | undefined;
    const leaking = await run((b) => {
      left = b.gpu.buffer('left', 64);
      return Promise.resolve(0);
    });
    expect(leaking).toMatchObject({ passed: false, message: expect.stringMatching(/64 bytes/) as string });
    asOffered.destroy([left!]);
  });
});
