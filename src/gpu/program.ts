/** Programs: dispatches recorded once per shape (pipelines, bind groups and buffers fixed), replayed with today's sizes. */
import { GpuError, type Gpu } from './device';
import { expandWgsl, type Constants } from './wgsl';

/** Bytes of a buffer; the offset is a multiple of 256. */
export interface BufferRange {
  buffer: GPUBuffer;
  offset: number;
  size: number;
}

/** A buffer, or a range of one. */
export type Binding = GPUBuffer | BufferRange;

/** Words of a uniform that are the same in every replay: a shape that is not compiled into the kernel. */
export interface FixedUniform {
  words: readonly number[];
}

/** Sizes that change from replay to replay, by name: `tokens`, `rows`, … */
export type Sizes = Readonly<Record<string, number>>;

export interface Dispatch {
  label: string;
  /** Text of a file in `shaders/`. */
  source: string;
  constants: Constants;
  /** In the order of the shader's `@binding` numbers. */
  bindings: readonly (Binding | FixedUniform)[];
  /** Workgroup counts; a zero leaves the dispatch out. */
  grid: (sizes: Sizes) => readonly [number, number?, number?];
}

/** WebGPU's limit of workgroups in each dimension. */
const MOST_WORKGROUPS = 65535;

/** A grid of at least `workgroups` in one row, or in several when one would be too long: for kernels that number their
 * threads `id.y * groups.x * WIDTH + id.x`. */
export function spread(workgroups: number): readonly [number, number] {
  const rows = Math.max(1, Math.ceil(workgroups / MOST_WORKGROUPS));
  return [Math.ceil(workgroups / rows), rows];
}

function resource(gpu: Gpu, binding: Binding | FixedUniform): GPUBufferBinding {
  if ('words' in binding) return { buffer: gpu.uniform(binding.words) };
  return 'buffer' in binding ? binding : { buffer: binding };
}

interface Recorded {
  label: string;
  pipeline: GPUComputePipeline;
  group: GPUBindGroup;
  grid: Dispatch['grid'];
}

export class Program {
  private constructor(
    private readonly gpu: Gpu,
    private readonly steps: readonly Recorded[],
  ) {}

  /** Compiles what is new, in parallel, and makes the bind groups. @throws GpuError */
  static async record(gpu: Gpu, dispatches: readonly Dispatch[]): Promise<Program> {
    const steps = await Promise.all(
      dispatches.map(async ({ label, source, constants, bindings, grid }): Promise<Recorded> => {
        const pipeline = await gpu.pipeline(label, expandWgsl(source, constants));
        gpu.device.pushErrorScope('validation');
        const group = gpu.device.createBindGroup({
          label,
          layout: pipeline.getBindGroupLayout(0),
          entries: bindings.map((b, binding) => ({ binding, resource: resource(gpu, b) })),
        });
        const error = await gpu.device.popErrorScope();
        if (error) throw new GpuError(`${label}: ${error.message}`);
        return { label, pipeline, group, grid };
      }),
    );
    return new Program(gpu, steps);
  }

  get dispatchCount(): number {
    return this.steps.length;
  }

  /** Adds every dispatch to a compute pass. */
  encode(pass: GPUComputePassEncoder, sizes: Sizes): void {
    for (const step of this.steps) {
      const [x, y = 1, z = 1] = step.grid(sizes);
      if (x * y * z === 0) continue;
      pass.setPipeline(step.pipeline);
      pass.setBindGroup(0, step.group);
      pass.dispatchWorkgroups(x, y, z);
    }
  }

  /** Replays the program `times` times in one pass and submits it. */
  run(sizes: Sizes, times = 1): void {
    const encoder = this.gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let i = 0; i < times; i++) this.encode(pass, sizes);
    pass.end();
    this.gpu.submit(encoder);
  }
}
