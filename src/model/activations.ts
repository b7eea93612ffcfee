/** The buffers of a training pass over up to `capacity` packed tokens: inputs, what forward keeps, what backward needs. */
import type { Gpu } from '../gpu/device';
import { ropeAngles } from '../gpu/kernels/layers';
import { ROW_PADDING, tokenChunks } from '../gpu/kernels/matmul';
import type { ModelConfig } from './config';

/** Largest size of a logits buffer: more tokens are done in chunks, so that [tokens, vocab] never exists. */
const LOGITS_BYTES = 32 * 2 ** 20;

export type LayerActivations = ReturnType<typeof layerActivations>;

function layerActivations(make: (name: string, width: number) => GPUBuffer, config: ModelConfig) {
  const { hiddenSize, headDim, numAttentionHeads: heads, numKeyValueHeads: kv, intermediateSize } = config;
  return {
    normed: make('normed', hiddenSize),
    rstd: make('rstd', 1),
    qkv: make('qkv', (heads + 2 * kv) * headDim),
    qk: make('qk', (heads + kv) * headDim),
    qkRstd: config.qkNorm ? make('q/k rstd', heads + kv) : undefined,
    attended: make('attended', heads * headDim),
    lse: make('lse', heads),
    middle: make('residual after attention', hiddenSize),
    postNormed: make('post normed', hiddenSize),
    postRstd: make('post rstd', 1),
    gateUp: make('gate, up', 2 * intermediateSize),
    activated: make('activated', intermediateSize),
    out: make('residual after mlp', hiddenSize),
  };
}

export class Activations {
  private readonly buffers: GPUBuffer[] = [];
  /** Tokens whose logits are computed at once; a multiple of ROW_PADDING. */
  readonly lossChunk: number;

  readonly uniform: GPUBuffer;
  readonly lossUniforms: readonly GPUBuffer[];
  readonly ids: GPUBuffer;
  readonly positions: GPUBuffer;
  readonly segments: GPUBuffer;
  readonly targets: GPUBuffer;
  readonly angles: GPUBuffer;
  readonly embedded: GPUBuffer;
  readonly layers: readonly LayerActivations[];
  readonly finalNormed: GPUBuffer;
  readonly finalRstd: GPUBuffer;
  readonly logits: GPUBuffer;
  readonly stats: GPUBuffer;

  constructor(
    private readonly gpu: Gpu,
    private readonly config: ModelConfig,
    readonly capacity: number,
    positions: number,
  ) {
    const rows = this.padded(capacity);
    this.lossChunk = Math.min(
      rows,
      this.padded(Math.floor(LOGITS_BYTES / 4 / config.vocabSize) - ROW_PADDING + 1),
    );
    this.uniform = this.make('rows', 4, GPUBufferUsage.UNIFORM);
    this.lossUniforms = Array.from({ length: Math.ceil(rows / this.lossChunk) }, () =>
      this.make('loss rows', 4, GPUBufferUsage.UNIFORM),
    );
    this.ids = this.make('ids', rows);
    this.positions = this.make('positions', rows);
    this.segments = this.make('segments', 2 * rows);
    this.targets = this.make('targets', rows);
    this.angles = this.make('rope angles', positions * config.headDim);
    gpu.write(this.angles, ropeAngles(positions, config.headDim, config.ropeTheta));
    this.embedded = this.perToken('embedded', config.hiddenSize);
    this.layers = Array.from({ length: config.numHiddenLayers }, () =>
      layerActivations((name, width) => this.perToken(name, width), config),
    );
    this.finalNormed = this.perToken('final normed', config.hiddenSize);
    this.finalRstd = this.perToken('final rstd', 1);
    this.logits = this.make('logits', this.lossChunk * config.vocabSize);
    this.stats = this.make('token stats', 4 * rows);
  }

  /** Gradient buffers, made only by who trains. */
  gradients() {
    const {
      hiddenSize,
      headDim,
      numAttentionHeads: heads,
      numKeyValueHeads: kv,
      intermediateSize,
      vocabSize,
    } = this.config;
    const matrices = [
      (heads + 2 * kv) * headDim * hiddenSize,
      hiddenSize * heads * headDim,
      2 * intermediateSize * hiddenSize,
    ];
    const partials = Math.max(
      tokenChunks(this.capacity) * Math.max(...matrices),
      tokenChunks(this.lossChunk) * vocabSize * hiddenSize,
    );
    return {
      used: this.make('used ids', 4 * this.capacity),
      order: this.make('token order', this.capacity),
      coefficients: this.make('loss coefficients', 2 * this.padded(this.capacity)),
      residual: this.perToken('d residual', hiddenSize),
      normed: this.perToken('d normed', hiddenSize),
      activated: this.perToken('d activated', intermediateSize),
      gateUp: this.perToken('d gate, up', 2 * intermediateSize),
      attended: this.perToken('d attended', heads * headDim),
      delta: this.perToken('attention delta', heads),
      qk: this.perToken('d qk', (heads + kv) * headDim),
      qkv: this.perToken('d qkv', (heads + 2 * kv) * headDim),
      qkNormPerToken: this.config.qkNorm ? this.perToken('d q/k norm', (heads + kv) * headDim) : undefined,
      partials: this.make('partial sums', partials),
    };
  }

  private padded(rows: number): number {
    return Math.ceil(rows / ROW_PADDING) * ROW_PADDING;
  }

  private perToken(label: string, width: number): GPUBuffer {
    return this.make(label, this.padded(this.capacity) * width);
  }

  private make(label: string, floats: number, usage = 0): GPUBuffer {
    const buffer = this.gpu.buffer(label, floats * 4, usage);
    this.buffers.push(buffer);
    return buffer;
  }

  destroy(): void {
    this.gpu.destroy(this.buffers);
  }
}
