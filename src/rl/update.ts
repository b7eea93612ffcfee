/** The update: advantages → objective → gradients → one AdamW step over the whole batch of rollouts. */
import type { AdamWSettings } from '../gpu/kernels/optimizer';
import { packSequences } from '../model/batch';
import { clippedObjective, type ObjectiveSettings } from './objective';
import type { Policy } from './policy';
import type { Rollout } from './rollout';

export interface UpdateSettings {
  objective: ObjectiveSettings;
  optimizer: AdamWSettings;
  /** Of the sampling distribution: trainer and sampler divide their logits alike. */
  temperature: number;
}

export interface UpdateResult {
  loss: number;
  gradNorm: number;
  /** Means over completion tokens. */
  entropy: number;
  kl: number;
  clippedShare: number;
  /** |log-prob by the sampler − by the trainer|. */
  mismatch: { mean: number; max: number };
}

/** Splits rollouts, in order, into micro-batches of at most `capacity` tokens. */
export function microBatches<R extends Pick<Rollout, 'promptIds' | 'tokens'>>(
  rollouts: readonly R[],
  capacity: number,
): { first: number; rollouts: R[] }[] {
  const batches: { first: number; rollouts: R[] }[] = [];
  let room = 0;
  rollouts.forEach((rollout, index) => {
    const size = rollout.promptIds.length + rollout.tokens.length;
    if (size > room) {
      batches.push({ first: index, rollouts: [] });
      room = capacity;
    }
    batches[batches.length - 1].rollouts.push(rollout);
    room -= size;
  });
  return batches;
}

/**
 * One on-policy gradient step; gradients of micro-batches add up before AdamW.
 * @param onProgress rollouts done
 * @throws GpuError
 */
export async function updatePolicy(
  policy: Policy,
  rollouts: readonly Rollout[],
  advantages: ArrayLike<number>,
  settings: UpdateSettings,
  onProgress?: (done: number) => void,
): Promise<UpdateResult> {
  const { trainer, reference } = policy;
  const total = { loss: 0, entropy: 0, kl: 0, clipped: 0, tokens: 0, mismatch: 0, worst: 0 };
  trainer.zeroGradients();
  for (const { first, rollouts: part } of microBatches(rollouts, trainer.capacity)) {
    const batch = packSequences(
      part.map(({ promptIds, tokens }) => ({
        ids: [...promptIds, ...tokens],
        promptLength: promptIds.length,
      })),
    );
    trainer.forward(batch, settings.temperature);
    if (settings.objective.beta > 0) reference!.forward(batch, settings.temperature);
    const stats = await trainer.stats();
    const refStats = settings.objective.beta > 0 ? await reference!.stats() : undefined;
    const coefficients = new Float32Array(2 * batch.tokens);
    let begin = 0;
    part.forEach(({ promptIds, tokens, logps }, i) => {
      // The prediction of a completion's first token is made at the prompt's last.
      const from = begin + promptIds.length - 1;
      const to = from + tokens.length;
      const logp = stats.logp.subarray(from, to);
      const result = clippedObjective(
        { logp, oldLogp: logp, refLogp: refStats?.logp.subarray(from, to), advantage: advantages[first + i] },
        rollouts.length,
        settings.objective,
      );
      result.gradient.forEach((g, t) => (coefficients[2 * (from + t)] = g));
      total.loss += result.loss;
      total.kl += result.kl;
      total.clipped += result.clipped;
      total.tokens += tokens.length;
      for (let t = 0; t < tokens.length; t++) {
        total.entropy += stats.entropy[from + t];
        const difference = Math.abs(logps[t] - logp[t]);
        total.mismatch += difference;
        total.worst = Math.max(total.worst, difference);
      }
      begin += promptIds.length + tokens.length;
    });
    trainer.backward(coefficients);
    onProgress?.(first + part.length);
  }
  trainer.step(settings.optimizer);
  const { tokens } = total;
  return {
    loss: total.loss,
    gradNorm: await trainer.gradNorm(),
    entropy: total.entropy / tokens,
    kl: total.kl / tokens,
    clippedShare: total.clipped / tokens,
    mismatch: { mean: total.mismatch / tokens, max: total.worst },
  };
}
