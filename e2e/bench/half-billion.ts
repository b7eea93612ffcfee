/**
 * The shape of Qwen2.5-0.5B without its 24 layers: two of them with hardly any vocabulary, and the vocabulary without layers.
 * What a step of the whole model takes is 24 times the one plus the other.
 */
import type { Gpu } from '../../src/gpu/device';
import { samplingUniform, slotWords } from '../../src/gpu/kernels/decode';
import type { WeightType } from '../../src/gpu/kernels/packed-weights';
import { Program } from '../../src/gpu/program';
import { packSequences } from '../../src/model/batch';
import type { ModelConfig } from '../../src/model/config';
import { decodeStep } from '../../src/model/decode-step';
import { destroyDecoderBuffers, makeDecoderBuffers, writeRows } from '../../src/model/decoder-buffers';
import { linearShapes, parameterLayout, TARGET_MODULES } from '../../src/model/layout';
import { Adapter, adapterLayout } from '../../src/model/lora';
import { Model } from '../../src/model/model';
import { parameterShapes } from '../../src/model/parameters';
import { QWEN_HALF_B } from '../../src/model/testing';
import { Trainer } from '../../src/model/trainer';
import type { WeightSource } from '../../src/model/weights';
import { Random } from '../../src/random';
import { COPIED_BYTES, CopyBench } from './bandwidth';
import { figure, interleave, type Contestant, type Peak, type Rounds } from './harness';

const WHOLE = QWEN_HALF_B.numHiddenLayers;
const LAYERS = 2;
const PARTS = {
  layers: { ...QWEN_HALF_B, numHiddenLayers: LAYERS, vocabSize: 64 },
  head: { ...QWEN_HALF_B, numHiddenLayers: 0 },
} satisfies Record<string, ModelConfig>;
type Part = keyof typeof PARTS;
const PART_NAMES = Object.keys(PARTS) as Part[];

const DTYPES = ['float32', 'float16', 'int8'] as const satisfies readonly WeightType[];
const SIDE_BY_SIDE = [1, 8];
/** Tokens before the one that is decoded. */
const CONTEXT = 63;
const LORA = { r: 16, alpha: 32, targetModules: TARGET_MODULES };
/** Of a training micro-batch, in two sequences. */
const TOKENS = 64;
const TRAINING_ROUNDS = 3;

/** Normal numbers, over and over. */
function randomWeights(config: ModelConfig): WeightSource {
  const random = new Random(1);
  const drawn = Float32Array.from({ length: 100_003 }, () => 0.02 * random.normal());
  const entries = parameterShapes(config).map(({ name, shape }) => {
    const bytes = 4 * shape.reduce((a, b) => a * b);
    return [name, { name, shape, dtype: 'F32', file: 'random weights', bytes }] as const;
  });
  return {
    entries: new Map(entries),
    read: (_, begin = 0, end = 0) => {
      const values = Float32Array.from(
        { length: (end - begin) / 4 },
        (__, i) => drawn[(begin / 4 + i) % drawn.length],
      );
      return Promise.resolve(new Uint8Array(values.buffer));
    },
  };
}

async function openModel(gpu: Gpu, part: Part, dtype: WeightType): Promise<Model> {
  const model = new Model(gpu, PARTS[part], dtype);
  await model.load(randomWeights(PARTS[part]));
  return model;
}

interface Measured {
  run: Contestant;
  destroy: () => void;
}

/** One token of each of so many sequences, from the same place again and again. */
async function decoding(model: Model, rows: number): Promise<Measured> {
  const { gpu, config } = model;
  const size = { slots: rows, maxLength: CONTEXT + 1 };
  const buffers = makeDecoderBuffers(gpu, config, size);
  const program = await Program.record(gpu, decodeStep(model, undefined, buffers, size, rows));
  writeRows(model, buffers, size, rows);
  gpu.write(buffers.sampling, samplingUniform({ temperature: 1, topK: 0, topP: 1, seed: 1, stream: 0 }));
  gpu.write(
    buffers.rowSlots,
    Uint32Array.from({ length: rows }, (_, row) => row),
  );
  const slots = slotWords(
    Array.from({ length: rows }, (_, slot) => ({
      ...{ token: 3, position: CONTEXT - 1, cache: slot, limit: CONTEXT + 1, stream: slot, done: 0 },
    })),
  );
  return {
    run: (n) => {
      for (let i = 0; i < n; i++) {
        gpu.write(buffers.slots, slots);
        program.run({ rows });
      }
      return gpu.settle();
    },
    destroy: () => destroyDecoderBuffers(gpu, buffers),
  };
}

/** Forward and backward of a micro-batch whose gradient goes to an adapter. */
async function training(model: Model): Promise<Measured> {
  const { gpu, config } = model;
  const adapter = new Adapter(gpu, config, LORA);
  adapter.initialise(new Random(2));
  const trainer = new Trainer(model, TOKENS, TOKENS / 2, { adapter });
  await trainer.prepare();
  const ids = Array.from({ length: TOKENS / 2 }, (_, i) => (i * 7919) % config.vocabSize);
  const batch = packSequences([0, 1].map(() => ({ ids, promptLength: 1 })));
  const coefficients = new Float32Array(2 * TOKENS).map((_, i) => (i % 2 === 0 ? -1 / TOKENS : 0));
  return {
    run: (n) => {
      for (let i = 0; i < n; i++) {
        trainer.zeroGradients();
        trainer.forward(batch);
        trainer.backward(coefficients);
      }
      return gpu.settle();
    },
    destroy: () => {
      trainer.destroy();
      adapter.destroy();
    },
  };
}

const layerWeights = Object.values(linearShapes(QWEN_HALF_B)).reduce(
  (sum, s) => sum + s.inputs * s.outputs,
  0,
);
const headWeights = QWEN_HALF_B.vocabSize * QWEN_HALF_B.hiddenSize;
/** Multiply-adds of a token with `context` others, in one layer. */
const attention = (context: number) =>
  2 * QWEN_HALF_B.numAttentionHeads * QWEN_HALF_B.headDim * (context + 1);

/** Of a decode step, or of a micro-batch: twice the multiply-adds, without what is computed a second time. */
const operations = {
  decoding: (rows: number): Record<Part, number> => ({
    layers: 2 * rows * LAYERS * (layerWeights + attention(CONTEXT)),
    head: 2 * rows * headWeights,
  }),
  /** Frozen weights: forward, and backward to the inputs alone. An adapter has both gradients, attention twice its work. */
  training: (): Record<Part, number> => {
    const adapter = adapterLayout(PARTS.layers, LORA).size;
    const attended = 3 * attention(TOKENS / 4);
    return {
      layers: 2 * TOKENS * (LAYERS * (2 * layerWeights + attended) + 3 * adapter),
      head: 4 * TOKENS * headWeights,
    };
  },
};

/** What a decode step reads at least: each weight once for all sequences, and each sequence's keys and values. */
function bytesRead(dtype: WeightType, rows: number): Record<Part, number> {
  const { numKeyValueHeads, headDim } = QWEN_HALF_B;
  const table = (config: ModelConfig) => 4 * parameterLayout(config, dtype).embedding.size;
  const { layers, head } = PARTS;
  return {
    layers:
      4 * parameterLayout(layers, dtype).size -
      table(layers) +
      LAYERS * rows * (CONTEXT + 1) * 2 * numKeyValueHeads * headDim * 4,
    head: table(head),
  };
}

/** 24 layers and the head. */
const whole = ({ layers, head }: Record<Part, number>) => (WHOLE / LAYERS) * layers + head;

/** What the parts took, and from them the whole model: with the peak beside them, in each round. */
function summary<Name extends string>(
  result: Rounds<Name>,
  names: Record<Part, Name>,
  flops: Record<Part, number>,
) {
  const rounds = result.of(names.layers, names.head).map((round) => {
    const ms = { layers: round[names.layers].ms, head: round[names.head].ms };
    return { round, ms: whole(ms), peak: (round[names.layers].peak + round[names.head].peak) / 2 };
  });
  return {
    rounds,
    parts: {
      layer: { ms: figure(result.of(names.layers).map((r) => r[names.layers].ms / LAYERS)) },
      head: { ms: result.ms(names.head) },
    },
    wholeModel: {
      ms: figure(rounds.map(({ ms }) => ms)),
      gflops: figure(rounds.map(({ ms }) => whole(flops) / ms / 1e6)),
      shareOfPeak: figure(rounds.map(({ ms, peak }) => whole(flops) / ms / 1e6 / peak)),
    },
  };
}

async function benchDecoding(gpu: Gpu, peak: Peak, rounds: number) {
  const copy = new CopyBench(gpu);
  const models: Model[] = [];
  const opened: Measured[] = [];
  const contestants: Record<string, Contestant> = { copy: copy.run };
  const name = (dtype: WeightType, rows: number, part: Part) => `${dtype}, ${rows}, ${part}`;
  for (const dtype of DTYPES)
    for (const part of PART_NAMES) {
      const model = await openModel(gpu, part, dtype);
      models.push(model);
      for (const rows of SIDE_BY_SIDE) {
        const one = await decoding(model, rows);
        opened.push(one);
        contestants[name(dtype, rows, part)] = one.run;
      }
    }
  const result = await interleave(peak, rounds, contestants);
  for (const made of [...opened, ...models, copy]) made.destroy();

  const gigabytes = (bytes: number, ms: number) => bytes / ms / 1e6;
  const steps = DTYPES.flatMap((dtype) =>
    SIDE_BY_SIDE.map((sequences) => {
      const names = { layers: name(dtype, sequences, 'layers'), head: name(dtype, sequences, 'head') };
      const { rounds: each, parts, wholeModel } = summary(result, names, operations.decoding(sequences));
      const bytes = whole(bytesRead(dtype, sequences));
      const rates = each.map(({ ms }) => gigabytes(bytes, ms));
      return {
        ...{ dtype, sequences, parts },
        wholeModel: {
          ...wholeModel,
          tokensPerSecond: figure(each.map(({ ms }) => (1000 * sequences) / ms)),
          bytesReadPerStep: bytes,
          gigabytesPerSecond: figure(rates),
          shareOfCopy: figure(each.map(({ round }, i) => rates[i] / gigabytes(COPIED_BYTES, round.copy.ms))),
        },
      };
    }),
  );
  const copied = result.of('copy').map((round) => gigabytes(COPIED_BYTES, round.copy.ms));
  return { copyGigabytesPerSecond: figure(copied), context: CONTEXT + 1, steps };
}

async function benchTraining(gpu: Gpu, peak: Peak, rounds: number) {
  const models = {
    layers: await openModel(gpu, 'layers', 'float32'),
    head: await openModel(gpu, 'head', 'float32'),
  };
  const parts = { layers: await training(models.layers), head: await training(models.head) };
  const result = await interleave(peak, rounds, { layers: parts.layers.run, head: parts.head.run });
  for (const made of [parts.layers, parts.head, models.layers, models.head]) made.destroy();
  const names = { layers: 'layers', head: 'head' } as const;
  const { rounds: each, ...figures } = summary(result, names, operations.training());
  return {
    ...{ dtype: 'float32', lora: LORA.r, tokens: TOKENS, parts: figures.parts },
    wholeModel: {
      ...figures.wholeModel,
      tokensPerSecond: figure(each.map(({ ms }) => (1000 * TOKENS) / ms)),
    },
  };
}

/** Decoding with weights of three types, and a micro-batch of LoRA: as shares of the device's peak and bandwidth. */
export async function benchHalfBillion(gpu: Gpu, peak: Peak, rounds: number) {
  return {
    model: `the layers and the head of Qwen2.5-0.5B, random weights: ${LAYERS} layers and the head measured apart, the whole model ${WHOLE} layers and the head`,
    decoding: await benchDecoding(gpu, peak, rounds),
    training: await benchTraining(gpu, peak, Math.min(rounds, TRAINING_ROUNDS)),
  };
}
