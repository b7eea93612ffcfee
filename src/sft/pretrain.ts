/** Pre-training of the tiny base on its synthetic corpus, after the measured recipe. */
import type { Gpu } from '../gpu/device';
import { NO_TARGET } from '../gpu/kernels/loss';
import { emptyBatch, type TokenBatch } from '../model/batch';
import type { ModelConfig } from '../model/config';
import { Model } from '../model/model';
import { initParameters } from '../model/parameters';
import type { Tensor } from '../model/safetensors';
import { Trainer } from '../model/trainer';
import { Random } from '../random';
import { COUNTDOWN_CORPUS, corpus, type CorpusSettings } from '../tasks/countdown/corpus';
import { PAD_ID } from '../tasks/countdown/vocabulary';
import { Packer, type PackedRows } from '../tasks/packing';

export interface PretrainSettings {
  seed: number;
  steps: number;
  rows: number;
  rowLength: number;
  learningRate: number;
  warmupSteps: number;
  /** Constant up to this share of the steps, then linear down to `finalShare` of the learning rate. */
  decayFrom: number;
  finalShare: number;
  beta1: number;
  beta2: number;
  weightDecay: number;
  maxGradNorm: number;
  corpus: CorpusSettings;
}

export const PRETRAIN_SETTINGS: PretrainSettings = {
  seed: 0,
  steps: 2800,
  rows: 8,
  rowLength: 192,
  learningRate: 6e-3,
  warmupSteps: 50,
  decayFrom: 0.661,
  finalShare: 0.02,
  beta1: 0.9,
  beta2: 0.98,
  weightDecay: 0.01,
  maxGradNorm: 1,
  corpus: COUNTDOWN_CORPUS,
};

/** Learning rate of step `step` (from 0). */
export function pretrainLearningRate(settings: PretrainSettings, step: number): number {
  const { steps, learningRate, warmupSteps, decayFrom, finalShare } = settings;
  const done = step / steps;
  const decay = done < decayFrom ? 1 : Math.max(finalShare, (1 - done) / (1 - decayFrom));
  return learningRate * Math.min(1, (step + 1) / warmupSteps) * decay;
}

export interface PretrainProgress {
  step: number;
  steps: number;
  /** Mean cross-entropy of this step's tokens, nats. */
  loss: number;
  learningRate: number;
  /** Tokens seen so far, padding excluded. */
  tokens: number;
}

/** Everything needed to go on: parameters and AdamW's moments under their Hugging Face names, and the step. */
export interface PretrainCheckpoint {
  step: number;
  params: Float32Array;
  m: Float32Array;
  v: Float32Array;
}

export interface PretrainHooks {
  /** Every `every` steps and at the end. */
  every: number;
  onProgress: (progress: PretrainProgress) => void;
  onCheckpoint?: (checkpoint: PretrainCheckpoint) => Promise<void>;
  from?: PretrainCheckpoint;
}

/** Trains from random initial values and returns the parameters. @throws GpuError */
export async function pretrain(
  gpu: Gpu,
  config: ModelConfig,
  settings: PretrainSettings,
  hooks: PretrainHooks,
): Promise<Map<string, Tensor>> {
  const model = new Model(gpu, config);
  const trainer = new Trainer(model, settings.rows * settings.rowLength, settings.rowLength);
  await trainer.prepare();
  const { from } = hooks;
  if (from) {
    model.uploadFlat(from.params);
    trainer.restore(from.step, from);
  } else model.upload(initParameters(config, new Random(settings.seed, 1)), 'initial values');

  const packer = new Packer(
    corpus(new Random(settings.seed, 2), settings.corpus),
    settings.rowLength,
    PAD_ID,
  );
  let tokens = 0;
  for (let step = 0; step < settings.steps; step++) {
    const packed = packer.pack(settings.rows);
    tokens += packed.tokens;
    if (from && step < from.step) continue;
    const { batch, coefficients, lossTokens } = crossEntropyBatch(packed);
    trainer.forward(batch);
    trainer.zeroGradients();
    trainer.backward(coefficients);
    const { beta1, beta2, weightDecay, maxGradNorm } = settings;
    const learningRate = pretrainLearningRate(settings, step);
    trainer.step({ learningRate, beta1, beta2, epsilon: 1e-8, weightDecay, maxGradNorm });
    if ((step + 1) % hooks.every === 0 || step + 1 === settings.steps) {
      const { logp } = await trainer.stats();
      const loss = -logp.reduce((a, b) => a + b, 0) / lossTokens;
      hooks.onProgress({ step: step + 1, steps: settings.steps, loss, learningRate, tokens });
      await hooks.onCheckpoint?.({
        step: step + 1,
        params: await model.downloadFlat(),
        ...(await trainer.moments()),
      });
    } else if (step % 4 === 3) await gpu.settle();
  }
  const tensors = await model.download();
  trainer.destroy();
  model.destroy();
  return tensors;
}

/** A batch whose loss is the mean cross-entropy: dL/dlogp = −1/N on each of N tokens with loss. */
function crossEntropyBatch(packed: PackedRows): {
  batch: TokenBatch;
  coefficients: Float32Array;
  lossTokens: number;
} {
  const tokens = packed.ids.length;
  const batch = emptyBatch(tokens);
  batch.ids.set(packed.ids);
  batch.positions.set(packed.positions);
  for (let t = tokens - 1, end = tokens; t >= 0; t--) {
    batch.segments[2 * t] = packed.segmentStarts[t];
    batch.segments[2 * t + 1] = end;
    if (packed.segmentStarts[t] === t) end = t;
    batch.targets[t] = packed.lossMask[t] ? packed.targets[t] : NO_TARGET;
  }
  const lossTokens = packed.lossMask.reduce((a, b) => a + b, 0);
  const coefficients = new Float32Array(2 * tokens);
  packed.lossMask.forEach((mask, t) => (coefficients[2 * t] = -mask / lossTokens));
  return { batch, coefficients, lossTokens };
}
