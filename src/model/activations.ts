/** The buffers of a training pass over up to `capacity` packed tokens: inputs, what forward keeps, what backward needs. */
import { ropeAngles } from '../gpu/kernels/layers';
import { partUniform } from '../gpu/kernels/loss';
import {
  batchWords,
  copies,
  gradientWords,
  layerWords,
  lossChunk,
  outputWords,
  type ActivationSize,
} from './activation-sizes';
import type { Model } from './model';
import { isOnePart, vocabularyParts, widestPart } from './vocabulary';

type Buffers<Words extends (...args: never[]) => object> = Record<keyof ReturnType<Words>, GPUBuffer>;
export type LayerActivations = Buffers<typeof layerWords> & Buffers<typeof outputWords>;
export type GradientBuffers = Buffers<typeof gradientWords>;

/** Rows of a loss chunk, or a part of the vocabulary: what a kernel is told each time. */
export const UNIFORM_WORDS = 4;

export class Activations {
  private readonly made: GPUBuffer[] = [];
  readonly size: ActivationSize;
  /** Tokens whose logits are computed at once; a multiple of ROW_PADDING. */
  readonly lossChunk: number;
  readonly uniform: GPUBuffer;
  readonly lossUniforms: readonly GPUBuffer[];
  /** One for each part of the vocabulary; none when the logits of a token are made at once. */
  readonly partUniforms: readonly GPUBuffer[];
  readonly batch: Buffers<typeof batchWords>;
  readonly layers: readonly LayerActivations[];

  constructor(
    private readonly model: Model,
    size: Omit<ActivationSize, 'logitsWidth'>,
  ) {
    const { gpu, config, layout } = model;
    const head = model.ranges(layout.lmHead);
    const onePart = isOnePart(config, head);
    const parts = onePart ? [] : vocabularyParts(head);
    this.size = { ...size, logitsWidth: onePart ? config.vocabSize : widestPart(head) };
    this.lossChunk = lossChunk(this.size);
    this.uniform = this.makeUniform('rows');
    const chunks = Math.ceil(size.capacity / this.lossChunk);
    this.lossUniforms = Array.from({ length: chunks }, () => this.makeUniform('loss rows'));
    this.partUniforms = parts.map(({ first, rows }) => {
      const uniform = this.makeUniform('part of the vocabulary');
      gpu.write(uniform, partUniform(first, rows, config.vocabSize));
      return uniform;
    });
    this.batch = this.make(batchWords(config, this.size));
    gpu.write(this.batch.angles, ropeAngles(size.positions, config.headDim, config.ropeTheta));
    const { layers, outputs } = copies(config, size.kept);
    const [inner, outer] = [
      Array.from({ length: layers }, () => this.make(layerWords(config, this.size))),
      Array.from({ length: outputs }, () => this.make(outputWords(config, this.size))),
    ];
    this.layers = layout.layers.map((_, i) => ({ ...inner[i % layers], ...outer[i % outputs] }));
  }

  /** Gradient buffers, made only by who trains. */
  gradients(): GradientBuffers {
    return this.make(gradientWords(this.model.config, this.size));
  }

  private make<Name extends string>(words: Record<Name, number>): Record<Name, GPUBuffer> {
    const buffers = this.model.gpu.buffers('activations', words);
    this.made.push(...Object.values<GPUBuffer>(buffers));
    return buffers;
  }

  private makeUniform(label: string): GPUBuffer {
    const buffer = this.model.gpu.buffer(label, UNIFORM_WORDS * 4, GPUBufferUsage.UNIFORM);
    this.made.push(buffer);
    return buffer;
  }

  destroy(): void {
    this.model.gpu.destroy(this.made);
  }
}
