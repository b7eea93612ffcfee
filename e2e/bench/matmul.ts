/** Linear layers of the engine in their three orientations, against the device's peak. */
import type { Gpu } from '../../src/gpu/device';
import {
  chooseTile,
  linear,
  linearInputGradient,
  linearWeightGradient,
  ROW_PADDING,
  tokenChunks,
  type LinearShape,
  type Rows,
} from '../../src/gpu/kernels/matmul';
import { Program, type Dispatch } from '../../src/gpu/program';
import { Random } from '../../src/random';
import { interleave, type Contestant, type Peak } from './harness';

export interface Layer extends LinearShape {
  name: string;
  tokens: number;
}

/** The tiny model's layers on a micro-batch, and a size at which a GPU is busy. */
const LAYERS: readonly Layer[] = [
  { name: 'q, k, v', tokens: 1536, inputs: 64, outputs: 128 },
  { name: 'attention output', tokens: 1536, inputs: 64, outputs: 64 },
  { name: 'gate, up', tokens: 1536, inputs: 64, outputs: 320 },
  { name: 'down', tokens: 1536, inputs: 160, outputs: 64 },
  { name: 'LM head', tokens: 1536, inputs: 64, outputs: 96 },
  { name: 'large', tokens: 2048, inputs: 512, outputs: 512 },
];

const SAMPLES = 64;
const TOLERANCE = 1e-4;

export const operations = ({ tokens, inputs, outputs }: Layer): number => 2 * tokens * inputs * outputs;

/** One orientation of one layer: its kernels, and an independent way to know any of its results. */
interface Case {
  orientation: 'NT' | 'NN' | 'TN';
  dispatches: Dispatch[];
  result: GPUBuffer;
  /** Rows and columns of the result. */
  shape: [number, number];
  expected: (row: number, column: number) => number;
}

export class LinearBench {
  private readonly buffers: GPUBuffer[] = [];
  private readonly random = new Random(1);

  constructor(
    private readonly gpu: Gpu,
    readonly layer: Layer,
  ) {}

  /** Compiles the three orientations and checks each on random results. @throws Error naming the wrong one */
  async contestants(): Promise<Record<Case['orientation'], Contestant>> {
    const entries = await Promise.all(
      this.cases().map(async (one) => {
        const program = await Program.record(this.gpu, one.dispatches);
        const sizes = { tokens: this.layer.tokens };
        program.run(sizes);
        await this.check(one);
        const contestant: Contestant = (n) => {
          program.run(sizes, n);
          return this.gpu.settle();
        };
        return [one.orientation, contestant] as const;
      }),
    );
    return Object.fromEntries(entries) as Record<Case['orientation'], Contestant>;
  }

  private cases(): Case[] {
    const { tokens, inputs, outputs } = this.layer;
    const [x, dy, w] = [
      this.normals(tokens * inputs),
      this.normals(tokens * outputs),
      this.normals(inputs * outputs),
    ];
    const [xs, dys, ws] = [
      this.activations(x, inputs),
      this.activations(dy, outputs),
      this.buffer(w.length, w),
    ];
    const [y, dx] = [this.activations([], outputs), this.activations([], inputs)];
    const [partials, dw] = [this.buffer(tokenChunks(tokens) * w.length), this.buffer(w.length)];
    const uniform = this.buffer(4, Uint32Array.of(tokens), GPUBufferUsage.UNIFORM);
    const rows: Rows = { uniform, count: (sizes) => sizes.tokens };
    const tile = chooseTile(this.gpu, tokens);
    return [
      {
        orientation: 'NT',
        dispatches: [linear('linear', this.layer, rows, xs, ws, y, {}, tile)],
        result: y,
        shape: [tokens, outputs],
        expected: (t, o) => sum(inputs, (i) => x[t * inputs + i] * w[o * inputs + i]),
      },
      {
        orientation: 'NN',
        dispatches: [linearInputGradient('dx', this.layer, rows, dys, ws, dx, tile)],
        result: dx,
        shape: [tokens, inputs],
        expected: (t, i) => sum(outputs, (o) => dy[t * outputs + o] * w[o * inputs + i]),
      },
      {
        orientation: 'TN',
        dispatches: linearWeightGradient('dW', this.layer, rows, dys, xs, partials, dw, tile),
        result: dw,
        shape: [outputs, inputs],
        expected: (o, i) => sum(tokens, (t) => dy[t * outputs + o] * x[t * inputs + i]),
      },
    ];
  }

  private async check({ orientation, result, shape: [rows, columns], expected }: Case): Promise<void> {
    const actual = new Float32Array(await this.gpu.read(result));
    for (let n = 0; n < SAMPLES; n++) {
      const [row, column] = [this.random.int(rows), this.random.int(columns)];
      const [is, should] = [actual[row * columns + column], expected(row, column)];
      if (Math.abs(is - should) <= TOLERANCE * Math.max(1, Math.abs(should))) continue;
      throw new Error(
        `${this.layer.name}, ${orientation}: the result at ${row}, ${column} is ${is}, not ${should}.`,
      );
    }
  }

  private normals(n: number): Float32Array {
    return Float32Array.from({ length: n }, () => this.random.normal());
  }

  private activations(data: ArrayLike<number>, width: number): GPUBuffer {
    const padded = Math.ceil(this.layer.tokens / ROW_PADDING) * ROW_PADDING;
    return this.buffer(padded * width, Float32Array.from(data));
  }

  private buffer(words: number, data?: Float32Array | Uint32Array, usage?: number): GPUBuffer {
    const buffer = this.gpu.buffer('bench', words * 4, usage);
    if (data) this.gpu.write(buffer, data);
    this.buffers.push(buffer);
    return buffer;
  }

  destroy(): void {
    this.gpu.destroy(this.buffers);
  }
}

function sum(n: number, term: (i: number) => number): number {
  let total = 0;
  for (let i = 0; i < n; i++) total += term(i);
  return total;
}

export async function benchMatmul(gpu: Gpu, peak: Peak, rounds: number) {
  const layers = [];
  for (const layer of LAYERS) {
    const bench = new LinearBench(gpu, layer);
    const result = await interleave(peak, rounds, await bench.contestants());
    bench.destroy();
    const rate = (orientation: Case['orientation']) => result.rate(orientation, operations(layer));
    layers.push({ ...layer, NT: rate('NT'), NN: rate('NN'), TN: rate('TN') });
  }
  return {
    orientations: 'NT: y = x Wᵀ; NN: dx = dy W; TN: dW = dyᵀ x, its sum over chunks of tokens included',
    layers,
  };
}
