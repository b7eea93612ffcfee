/** Every kernel against its float64 reference, on the device at hand: the lab's `doctor`, and the kernels' own tests. */
import { Random } from '../../random';
import type { Gpu } from '../device';
import { attentionChecks } from './attention';
import type { KernelCheck } from './bench';
import { decodeChecks } from './decode';
import { layerChecks } from './layers';
import { matmulChecks } from './matmul';
import { sampleChecks } from './sample';
import { trainingChecks } from './training';

export type { KernelCheck } from './bench';

export interface CheckResult {
  kernel: string;
  passed: boolean;
  /** Largest relative error; NaN when the kernel gave none. */
  error: number;
  tolerance: number;
  /** Why there is no error to compare. */
  message?: string;
}

/** One for each kernel and direction, in the order of a training step. */
export const kernelChecks: readonly KernelCheck[] = [
  ...layerChecks,
  ...attentionChecks,
  ...matmulChecks,
  ...trainingChecks,
  ...decodeChecks,
  ...sampleChecks,
];

/** Runs one check on the shapes of `seed`. Never throws: what went wrong is in the result. */
export async function runKernelCheck(gpu: Gpu, check: KernelCheck, seed: number): Promise<CheckResult> {
  const { kernel, tolerance } = check;
  const before = gpu.allocatedBytes;
  try {
    const error = await check.run(gpu, new Random(seed));
    await gpu.settle();
    const left = gpu.allocatedBytes - before;
    if (left !== 0) throw new Error(`The check left ${left} bytes of buffers behind.`);
    return { kernel, passed: error <= tolerance, error, tolerance };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { kernel, passed: false, error: NaN, tolerance, message };
  }
}

/**
 * Runs every kernel check, one after the other, and reports each as it ends. Nothing else may allocate on `gpu`
 * meanwhile. Never throws.
 */
export async function runSelfTest(
  gpu: Gpu,
  seed: number,
  onResult: (result: CheckResult) => void = () => {},
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of kernelChecks) {
    const result = await runKernelCheck(gpu, check, seed);
    results.push(result);
    onResult(result);
  }
  return results;
}
