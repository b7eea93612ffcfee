import type { Gpu } from '../../src/gpu/device';
import { emptyBatch, type TokenBatch } from '../../src/model/batch';
import type { ModelConfig } from '../../src/model/config';
import { linearShapes } from '../../src/model/layout';
import { Model } from '../../src/model/model';
import { initParameters } from '../../src/model/parameters';
import { Trainer } from '../../src/model/trainer';
import { Random } from '../../src/random';
import { countDispatches } from './dispatches';
import { atLeast, interleave, rounded, type Contestant, type Peak } from './harness';
import { jaxTrainingStep, type BatchShape } from './jax';

const CONFIG: ModelConfig = {
  architecture: 'Qwen2ForCausalLM',
  vocabSize: 64,
  hiddenSize: 128,
  numHiddenLayers: 4,
  numAttentionHeads: 4,
  numKeyValueHeads: 4,
  headDim: 32,
  intermediateSize: 384,
  rmsNormEps: 1e-6,
  ropeTheta: 10_000,
  tieWordEmbeddings: false,
  attentionBias: false,
  qkNorm: false,
  maxPositionEmbeddings: 64,
  bosTokenId: null,
  eosTokenIds: [],
};
const SHAPE: BatchShape = { sequences: 8, length: 64 };
const TOKENS = SHAPE.sequences * SHAPE.length;
const ADAMW = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  maxGradNorm: 0,
};
const CHECKED_STEPS = 3;
const LOSS_TOLERANCE = 1e-3;

/** Arithmetic progressions modulo the vocabulary: something that can be learnt. */
function progressions(): TokenBatch {
  const batch = emptyBatch(TOKENS);
  for (let t = 0; t < TOKENS; t++) {
    const sequence = Math.floor(t / SHAPE.length);
    const position = t % SHAPE.length;
    const token = (i: number) => (sequence * 13 + i * ((sequence % 7) + 1)) % CONFIG.vocabSize;
    batch.ids[t] = token(position);
    batch.targets[t] = token(position + 1);
    batch.positions[t] = position;
    batch.segments.set([sequence * SHAPE.length, (sequence + 1) * SHAPE.length], 2 * t);
  }
  return batch;
}

/** Forward, backward (twice the work of forward) and nothing else. */
function stepOperations(): number {
  const { qkv, output, gateUp, down } = linearShapes(CONFIG);
  const weights = [qkv, output, gateUp, down].reduce((sum, s) => sum + s.inputs * s.outputs, 0);
  const { numHiddenLayers: layers, numAttentionHeads: heads, headDim, vocabSize, hiddenSize } = CONFIG;
  const attention = layers * 2 * heads * headDim * (SHAPE.length / 2);
  return 6 * TOKENS * (layers * weights + vocabSize * hiddenSize + attention);
}

async function losses(step: () => Promise<number>): Promise<number[]> {
  const values: number[] = [];
  for (let i = 0; i < CHECKED_STEPS; i++) values.push(await step());
  return values;
}

const repeated =
  (step: () => Promise<number>): Contestant =>
  async (n) => {
    for (let i = 0; i < n; i++) await step();
  };

/** One training step, forward, backward and AdamW, here and in jax-js, from the same weights on the same batch. */
export async function benchTraining(gpu: Gpu, peak: Peak, rounds: number) {
  const model = new Model(gpu, CONFIG);
  model.upload(initParameters(CONFIG, new Random(0)), 'random weights');
  const batch = progressions();
  const [webgpu, wasm] = [
    await jaxTrainingStep('webgpu', model, batch, SHAPE, ADAMW),
    await jaxTrainingStep('wasm', model, batch, SHAPE, ADAMW),
  ];
  const trainer = new Trainer(model, TOKENS, SHAPE.length);
  await trainer.prepare();
  const coefficients = new Float32Array(2 * TOKENS).map((_, i) => (i % 2 === 0 ? -1 / TOKENS : 0));
  const step = async () => {
    trainer.zeroGradients();
    trainer.forward(batch);
    trainer.backward(coefficients);
    trainer.step(ADAMW);
    const { logp } = await trainer.stats();
    return -logp.reduce((a, b) => a + b, 0) / TOKENS;
  };

  const engineLosses = await losses(step);
  const jaxLosses = await losses(webgpu);
  await losses(wasm);
  const lossDifference = Math.max(...engineLosses.map((loss, i) => Math.abs(loss - jaxLosses[i])));
  if (!(lossDifference <= LOSS_TOLERANCE)) {
    throw new Error(
      `The training steps disagree: losses here ${engineLosses.join(', ')}, in jax-js ${jaxLosses.join(', ')}.`,
    );
  }
  const dispatches = { engine: await countDispatches(step), jaxWebgpu: await countDispatches(webgpu) };
  const result = await interleave(peak, rounds, {
    engine: repeated(step),
    jaxWebgpu: repeated(webgpu),
    jaxWasm: repeated(wasm),
  });
  trainer.destroy();
  model.destroy();
  const speedup = result.ratio('jaxWebgpu', 'engine');
  const gpuProcess = result.gpuProcessRatio('jaxWebgpu', 'engine');
  const ms = {
    engine: result.ms('engine'),
    jaxWebgpu: result.ms('jaxWebgpu'),
    jaxWasm: result.ms('jaxWasm'),
  };
  return {
    model: `4 layers, d 128, intermediate 384, vocabulary 64; ${SHAPE.sequences} × ${SHAPE.length} tokens`,
    lossDifference: rounded(lossDifference),
    ms,
    gpuProcessMs: { engine: result.gpuProcessMs('engine'), jaxWebgpu: result.gpuProcessMs('jaxWebgpu') },
    tokensPerSecond: rounded((TOKENS / ms.engine.median) * 1000),
    engine: result.rate('engine', stepOperations()),
    dispatches,
    timesFasterThanJaxWebgpu: {
      ...speedup,
      ...atLeast(speedup.median, 2),
      ...(gpu.kind !== 'hardware' && {
        inGpuProcessTime: { ...gpuProcess, ...atLeast(gpuProcess.median, 2) },
      }),
    },
    timesFasterThanJaxWasm: result.ratio('jaxWasm', 'engine'),
  };
}
