import { relativeError } from '../reference';
import type { Random } from '../../random';
import type { Gpu } from '../device';
import { ROW_PADDING, type Rows } from '../kernels/matmul';
import { Program, type Dispatch } from '../program';

/** One kernel against its float64 reference on shapes and numbers drawn from `random`. */
export interface KernelCheck {
  kernel: string;
  /** Largest relative error allowed. */
  tolerance: number;
  /**
   * Returns the largest |actual − expected| / max|expected| of the kernel's outputs (NaN where one was not written) and
   * leaves no buffer behind. @throws GpuError, or Error when the kernel wrote outside its rows.
   */
  run(gpu: Gpu, random: Random): Promise<number>;
}

/** The buffers of one check, destroyed at its end. What no kernel should read or write is NaN. */
export class Bench {
  readonly rows: Rows;
  private readonly buffers: GPUBuffer[] = [];
  private readonly rowsUniform: GPUBuffer;

  constructor(
    readonly gpu: Gpu,
    readonly random: Random,
  ) {
    this.rowsUniform = this.uniform(new Uint32Array(4));
    this.rows = { uniform: this.rowsUniform, count: (sizes) => sizes.rows };
  }

  /** n normal numbers, rounded to f32 so that kernel and reference start from the same. */
  normals(n: number, scale = 1): Float32Array {
    return Float32Array.from({ length: n }, () => scale * this.random.normal());
  }

  integers(n: number, below: number): Uint32Array {
    return Uint32Array.from({ length: n }, () => this.random.int(below));
  }

  uniform(words: Float32Array | Uint32Array): GPUBuffer {
    return this.upload('uniform', words, words.length, GPUBufferUsage.UNIFORM);
  }

  weights(data: Float32Array | Uint32Array): GPUBuffer {
    return this.upload('weights', data, data.length);
  }

  /** Rows of `width` numbers, padded as the kernels ask. */
  activations(data: Float32Array | Uint32Array, width: number): GPUBuffer {
    const rows = Math.ceil(data.length / width / ROW_PADDING) * ROW_PADDING;
    return this.upload('activations', data, rows * width);
  }

  /** Padded rows that hold nothing yet. */
  blank(rows: number, width: number): GPUBuffer {
    return this.activations(new Float32Array(rows * width).fill(NaN), width);
  }

  zeros(n: number): GPUBuffer {
    return this.weights(new Float32Array(n));
  }

  private upload(label: string, data: Float32Array | Uint32Array, length: number, usage?: number): GPUBuffer {
    const buffer = this.gpu.buffer(label, length * 4, usage);
    this.buffers.push(buffer);
    const all = new Float32Array(buffer.size / 4).fill(NaN);
    new Uint8Array(all.buffer).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    this.gpu.write(buffer, all);
    return buffer;
  }

  /** Runs the dispatches over `rows` rows, once or `times` times. */
  async run(dispatches: readonly Dispatch[], rows: number, times = 1): Promise<void> {
    await this.replay(await Program.record(this.gpu, dispatches), rows, times);
  }

  async replay(program: Program, rows: number, times = 1): Promise<void> {
    this.gpu.write(this.rowsUniform, Uint32Array.of(rows));
    program.run({ rows }, times);
    await this.gpu.settle();
  }

  async floats(buffer: GPUBuffer): Promise<Float32Array> {
    return new Float32Array(await this.gpu.read(buffer));
  }

  async words(buffer: GPUBuffer): Promise<Uint32Array> {
    return new Uint32Array(await this.gpu.read(buffer));
  }

  /** Relative error of the buffer's beginning. @throws Error when what follows is no longer NaN. */
  async error(buffer: GPUBuffer, expected: Float64Array): Promise<number> {
    const actual = await this.floats(buffer);
    const touched = actual.findIndex((x, i) => i >= expected.length && !Number.isNaN(x));
    if (touched >= 0)
      throw new Error(`The kernel wrote element ${touched} of ${expected.length}, outside its rows.`);
    return relativeError(actual.subarray(0, expected.length), expected);
  }

  destroy(): void {
    this.gpu.destroy(this.buffers);
  }
}

export function kernelCheck(
  kernel: string,
  tolerance: number,
  body: (bench: Bench) => Promise<number>,
): KernelCheck {
  return {
    kernel,
    tolerance,
    async run(gpu, random) {
      const bench = new Bench(gpu, random);
      try {
        return await body(bench);
      } finally {
        bench.destroy();
      }
    },
  };
}

export function plus(a: Float32Array, b: Float64Array): Float64Array {
  return b.map((x, i) => x + a[i]);
}

/** Joins arrays of `rows` rows side by side: [rows, a] and [rows, b] → [rows, a + b]. */
export function beside(rows: number, ...parts: readonly (Float32Array | Float64Array)[]): Float64Array {
  const width = parts.reduce((sum, part) => sum + part.length, 0) / rows;
  const joined = new Float64Array(rows * width);
  let column = 0;
  for (const part of parts) {
    const columns = part.length / rows;
    for (let t = 0; t < rows; t++)
      joined.set(part.subarray(t * columns, (t + 1) * columns), t * width + column);
    column += columns;
  }
  return joined;
}
