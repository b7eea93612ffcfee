/** Supervised fine-tuning: cross-entropy on the completions of demonstrations. */
import type { AdamWSettings } from '../gpu/kernels/optimizer';
import type { Trainer } from '../model/trainer';
import { Random } from '../random';
import { STREAMS } from '../rl/streams';
import { isSampled, sampledLength } from '../rl/tools/mask';
import { microBatches, packMicroBatch } from '../rl/update';
import type { Example } from './dataset';

export interface SftSettings {
  seed: number;
  /** Demonstrations a step. */
  batchSize: number;
  /** Steps over which the learning rate rises linearly. */
  warmupSteps: number;
  /** With the learning rate after warm-up. */
  optimizer: AdamWSettings;
}

export interface SftResult {
  /** Mean cross-entropy of the batch's completion tokens before the step, nats. */
  loss: number;
  /** Share of the completion tokens that were the likeliest. */
  tokenAccuracy: number;
  gradNorm: number;
  learningRate: number;
  /** Completion tokens: those with loss. */
  tokens: number;
}

/**
 * The demonstrations of a step, from 1. An epoch goes through all of them in its own random order; a batch may reach into
 * the next. It depends on nothing but its arguments, so a run goes on from any step.
 */
export function batchOfStep<E>(
  examples: readonly E[],
  step: number,
  { seed, batchSize }: Pick<SftSettings, 'seed' | 'batchSize'>,
): E[] {
  const orders = new Map<number, E[]>();
  const orderOf = (epoch: number): E[] => {
    const known = orders.get(epoch);
    if (known) return known;
    const order = new Random(seed, STREAMS.epochs + epoch).shuffle([...examples]);
    orders.set(epoch, order);
    return order;
  };
  return Array.from({ length: batchSize }, (_, i) => {
    const at = (step - 1) * batchSize + i;
    return orderOf(Math.floor(at / examples.length))[at % examples.length];
  });
}

/**
 * One AdamW step on `batch`: the loss is the mean of −log p over all its completion tokens; prompts and results of calls
 * carry none.
 * @param step from 1, for the warm-up
 * @param onProgress demonstrations done
 * @throws GpuError
 */
export async function sftStep(
  trainer: Trainer,
  batch: readonly Example[],
  step: number,
  { warmupSteps, optimizer }: Pick<SftSettings, 'warmupSteps' | 'optimizer'>,
  onProgress?: (done: number, total: number) => void,
): Promise<SftResult> {
  const tokens = batch.reduce((sum, example) => sum + sampledLength(example), 0);
  let [loss, right] = [0, 0];
  trainer.zeroGradients();
  for (const { first, sequences } of microBatches(batch, trainer.capacity)) {
    const { batch: packed, spans } = packMicroBatch(sequences);
    trainer.forward(packed);
    const { logp, argmax } = await trainer.stats();
    const coefficients = new Float32Array(2 * packed.tokens);
    for (const [i, [from, to]] of spans.entries())
      for (let t = from; t < to; t++) {
        if (!isSampled(sequences[i], t - from)) continue;
        coefficients[2 * t] = -1 / tokens;
        loss -= logp[t] / tokens;
        right += Number(argmax[t] === packed.targets[t]);
      }
    trainer.backward(coefficients);
    onProgress?.(first + sequences.length, batch.length);
  }
  const learningRate = optimizer.learningRate * Math.min(1, step / Math.max(1, warmupSteps));
  trainer.step({ ...optimizer, learningRate });
  return { loss, tokenAccuracy: right / tokens, gradNorm: await trainer.gradNorm(), learningRate, tokens };
}

/** A step's numbers under the names they are stored and printed by. */
export const sftMetrics = ({
  loss,
  tokenAccuracy,
  gradNorm,
  learningRate,
}: SftResult): Record<string, number> => ({
  'sft/loss': loss,
  'sft/token_accuracy': tokenAccuracy,
  grad_norm: gradNorm,
  learning_rate: learningRate,
});
