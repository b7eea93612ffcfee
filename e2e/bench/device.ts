import type { Gpu } from '../../src/gpu/device';
import { Program } from '../../src/gpu/program';
import { figure, interleave, type Contestant, type Peak } from './harness';

const TINY_WGSL = `
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) { x[id.x] += 1f; }`;

/** What it costs to start a kernel that does next to nothing. */
export async function launches(gpu: Gpu) {
  const buffer = gpu.buffer('launch', 256);
  const dispatch = {
    label: 'launch',
    source: TINY_WGSL,
    constants: {},
    bindings: [buffer],
    grid: () => [1] as const,
  };
  const program = await Program.record(gpu, [dispatch]);
  return {
    dispatch: (n) => {
      program.run({}, n);
      return gpu.settle();
    },
    submit: (n) => {
      for (let i = 0; i < n; i++) program.run({});
      return gpu.settle();
    },
    submitAndWait: async (n) => {
      for (let i = 0; i < n; i++) {
        program.run({});
        await gpu.settle();
      }
    },
    readback: async (n) => {
      for (let i = 0; i < n; i++) {
        program.run({});
        await gpu.read(buffer, 0, 4);
      }
    },
  } satisfies Record<string, Contestant>;
}

export async function benchDevice(gpu: Gpu, peak: Peak, rounds: number) {
  const result = await interleave(peak, rounds, await launches(gpu));
  const microseconds = (name: Parameters<typeof result.ms>[0]) =>
    figure(result.of(name).map((round) => round[name].ms * 1000));
  return {
    peakGflops: figure(result.all.flatMap((round) => Object.values(round).map(({ peak: p }) => p))),
    launchMicroseconds: {
      dispatchInOnePass: microseconds('dispatch'),
      submit: microseconds('submit'),
      submitAndWait: microseconds('submitAndWait'),
      readbackOf4Bytes: microseconds('readback'),
    },
  };
}
