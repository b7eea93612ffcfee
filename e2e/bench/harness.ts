/** Timing in interleaved rounds, each measurement beside a measurement of the device's multiply-add peak. */
import { Program } from '../../src/gpu/program';
import type { Gpu } from '../../src/gpu/device';

/** Does its work `n` times and resolves when the device has finished it. */
export type Contestant = (n: number) => Promise<unknown>;

/** Median and spread over the rounds. */
export interface Figure {
  median: number;
  min: number;
  max: number;
}

export interface Sample {
  /** Of one repetition. */
  ms: number;
  /** Processor time that the browser's GPU process spent on it: on a software adapter a busy machine does not change it. */
  gpuProcessMs: number;
  /** GFLOP/s: the higher of the peaks measured just before and just after. */
  peak: number;
  /** Those two peaks agree, so the machine was equally free during the measurement. */
  steady: boolean;
}

export interface Target {
  target: string;
  met: boolean;
}

const MIN_MS = 60;
const MAX_REPEATS = 5000;
/** Fewer rounds than this are not enough for a median: unsteady ones count too then. */
const MIN_ROUNDS = 3;
const STEADY = 1.25;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle) - 1]) / 2;
}

export const rounded = (value: number): number => Number(value.toPrecision(4));

export const figure = (values: readonly number[]): Figure => ({
  median: rounded(median(values)),
  min: rounded(Math.min(...values)),
  max: rounded(Math.max(...values)),
});

/** Whether a median reaches `bound`. */
export const atLeast = (value: number, bound: number): Target => ({
  target: `≥ ${bound}`,
  met: value >= bound,
});
export const atMost = (value: number, bound: number): Target => ({
  target: `≤ ${bound}`,
  met: value <= bound,
});

const CHAINS = 12;
const ITERATIONS = 512;
const UNROLL = 4;
const WORKGROUP = 64;

/** Independent chains of multiply-adds in registers: as fast as this device computes in f32. */
const PEAK_WGSL = `
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = id.x % 65536u;
  let m = x[at] * 0.5f;
  let s = x[at] * 0.25f;
  #for i in ${CHAINS}
  var a$i = m + $if;
  #end
  for (var n = 0u; n < ${ITERATIONS}u; n++) {
    #for u in ${UNROLL}
    #for i in ${CHAINS}
    a$i = fma(a$i, m, s);
    #end
    #end
  }
  var sum = 0f;
  #for i in ${CHAINS}
  sum += a$i;
  #end
  x[at] = sum;
}`;

/** The device's multiply-add peak, measured anew at each call. */
export class Peak {
  private workgroups = 128;

  private constructor(
    private readonly gpu: Gpu,
    private readonly program: Program,
  ) {}

  static async open(gpu: Gpu): Promise<Peak> {
    const buffer = gpu.buffer('peak', 65536 * 4);
    const grid = ({ workgroups }: Readonly<Record<string, number>>) => [workgroups] as const;
    const dispatch = { label: 'peak', source: PEAK_WGSL, constants: {}, bindings: [buffer], grid };
    const peak = new Peak(gpu, await Program.record(gpu, [dispatch]));
    await peak.run();
    while ((await peak.run()) < 8 && peak.workgroups < 32768) peak.workgroups *= 2;
    return peak;
  }

  private async run(): Promise<number> {
    const begin = performance.now();
    this.program.run({ workgroups: this.workgroups });
    await this.gpu.settle();
    return performance.now() - begin;
  }

  /** GFLOP/s. */
  async gflops(): Promise<number> {
    const flops = 2 * this.workgroups * WORKGROUP * CHAINS * ITERATIONS * UNROLL;
    return flops / (await this.run()) / 1e6;
  }
}

async function time(contestant: Contestant, n: number): Promise<{ ms: number; gpuProcessMs: number }> {
  const spent = await window.gpuProcessMs();
  const begin = performance.now();
  await contestant(n);
  const ms = (performance.now() - begin) / n;
  return { ms, gpuProcessMs: ((await window.gpuProcessMs()) - spent) / n };
}

export class Rounds<Name extends string> {
  constructor(readonly all: readonly Record<Name, Sample>[]) {}

  /** The rounds in which the peak stood still around all of `names`; every round when those are too few. */
  of(...names: Name[]): readonly Record<Name, Sample>[] {
    const steady = this.all.filter((round) => names.every((name) => round[name].steady));
    return steady.length >= MIN_ROUNDS ? steady : this.all;
  }

  ms(name: Name): Figure {
    return figure(this.of(name).map((round) => round[name].ms));
  }

  gpuProcessMs(name: Name): Figure {
    return figure(this.all.map((round) => round[name].gpuProcessMs));
  }

  /** How many times longer `a` takes than `b`, round by round. */
  ratio(a: Name, b: Name): Figure {
    return figure(this.of(a, b).map((round) => round[a].ms / round[b].ms));
  }

  /** The same in processor time of the GPU process. */
  gpuProcessRatio(a: Name, b: Name): Figure {
    return figure(this.all.map((round) => round[a].gpuProcessMs / round[b].gpuProcessMs));
  }

  /** Rate of a contestant that does so many operations, and its share of the peak beside it. */
  rate(name: Name, flops: number): { gflops: Figure; shareOfPeak: Figure } {
    const samples = this.of(name).map((round) => round[name]);
    return {
      gflops: figure(samples.map(({ ms }) => flops / ms / 1e6)),
      shareOfPeak: figure(samples.map(({ ms, peak }) => flops / ms / 1e6 / peak)),
    };
  }
}

/**
 * Times the contestants in turn, rotating who begins. Each repeats its work until a measurement lasts long enough;
 * one run before the rounds warms it up.
 */
export async function interleave<Name extends string>(
  peak: Peak,
  rounds: number,
  contestants: Record<Name, Contestant>,
): Promise<Rounds<Name>> {
  const entries = Object.entries(contestants) as [Name, Contestant][];
  const repeats = new Map<Name, number>();
  for (const [name, contestant] of entries) {
    await contestant(1);
    let n = 1;
    for (let ms = 0; n < MAX_REPEATS; n = Math.ceil(n * Math.min(10, MIN_MS / ms))) {
      ms = n * (await time(contestant, n)).ms;
      if (ms >= MIN_MS / 2) break;
    }
    repeats.set(name, n);
  }
  const all: Record<Name, Sample>[] = [];
  for (let round = 0; round < rounds; round++) {
    const samples: Partial<Record<Name, Sample>> = {};
    let before = await peak.gflops();
    for (let i = 0; i < entries.length; i++) {
      const [name, contestant] = entries[(i + round) % entries.length];
      const measured = await time(contestant, repeats.get(name)!);
      const after = await peak.gflops();
      const [low, high] = [Math.min(before, after), Math.max(before, after)];
      samples[name] = { ...measured, peak: high, steady: high <= STEADY * low };
      before = after;
    }
    all.push(samples as Record<Name, Sample>);
  }
  return new Rounds(all);
}
