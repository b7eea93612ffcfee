/** The page's side of the bench: one device, the sections in turn. */
import { Gpu } from '../../src/gpu/device';
import { benchDecode } from './decode';
import { benchDevice } from './device';
import { benchGrowth } from './growth';
import { benchHalfBillion } from './half-billion';
import { Peak } from './harness';
import { benchMatmul } from './matmul';
import { benchRl } from './rl';
import type { SectionName } from './sections';
import { benchToolRollouts } from './tool-rollouts';
import { benchTools } from './tools';
import { benchTraining } from './training';

interface Options {
  only: readonly SectionName[];
  rounds: number;
}

interface Outcome {
  adapter: string;
  rounds: number;
  /** Sections that could not be measured, or whose results were wrong. */
  failures: { section: SectionName; message: string }[];
  sections: Partial<Record<SectionName, unknown>>;
}

declare global {
  interface Window {
    runBench: (options: Options) => Promise<Outcome>;
    /** Processor time that the browser's GPU process has used so far, given by the page's driver. */
    gpuProcessMs: () => Promise<number>;
  }
}

const RL_ROUNDS = 3;

/** @throws NoGpuError when there is no adapter; a section that fails does not stop the others */
async function runBench({ only, rounds }: Options): Promise<Outcome> {
  if (!crossOriginIsolated)
    throw new Error('The page is not cross-origin isolated: its clock is too coarse.');
  const gpu = await Gpu.open();
  const peak = await Peak.open(gpu);
  const run: Record<SectionName, () => Promise<unknown>> = {
    device: () => benchDevice(gpu, peak, rounds),
    matmul: () => benchMatmul(gpu, peak, rounds),
    training: () => benchTraining(gpu, peak, rounds),
    decode: () => benchDecode(gpu, peak, rounds),
    rl: () => benchRl(gpu, Math.min(rounds, RL_ROUNDS)),
    growth: () => benchGrowth(gpu),
    tools: async () => ({
      sandbox: await benchTools(rounds),
      rollouts: await benchToolRollouts(gpu, Math.min(rounds, RL_ROUNDS)),
    }),
    halfBillion: () => benchHalfBillion(gpu, peak, rounds),
  };
  const { vendor, architecture, description } = gpu.info;
  const adapter = [vendor, architecture, description].filter(Boolean).join(' ');
  const outcome: Outcome = { adapter, rounds, failures: [], sections: {} };
  console.log(`Adapter: ${adapter}`);
  for (const section of only) {
    const begin = performance.now();
    console.log(`${section} …`);
    try {
      outcome.sections[section] = await run[section]();
      console.log(`${section} took ${((performance.now() - begin) / 1000).toFixed(0)} s`);
    } catch (error) {
      const message = String(error);
      outcome.failures.push({ section, message });
      console.log(`${section} FAILED: ${message}`);
    }
  }
  return outcome;
}

window.runBench = runBench;
