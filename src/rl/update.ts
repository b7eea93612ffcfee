/** One gradient step: objective → gradients, added up over micro-batches → AdamW. */
import type { AdamWSettings } from '../gpu/kernels/optimizer';
import { packSequences, type TokenBatch } from '../model/batch';
import type { TokenStats } from '../model/trainer';
import { entropyThreshold, policyObjective, type ObjectiveSettings } from './objective';
import type { Policy } from './policy';
import type { Sample } from './replay';
import { isSampled, ofSampled, sampledLength } from './tools/mask';

export interface UpdateSettings {
  objective: ObjectiveSettings;
  /** Share of the tokens, by entropy, that carry the policy term. */
  topEntropyQuantile: number;
  optimizer: AdamWSettings;
  /** Of the sampling distribution: trainer and sampler divide their logits alike. */
  temperature: number;
}

export interface UpdateResult {
  loss: number;
  gradNorm: number;
  /** Sampled tokens; the means below are over those of learnable responses, the mismatch over all. */
  tokens: number;
  entropy: number;
  /** KL to the reference by the objective's estimator; 0 without a reference. */
  kl: number;
  /** KL to the policy that sampled, estimated by mean(logp_old − logp). */
  policyKl: number;
  clipped: { low: number; high: number };
  /** |log-prob by the sampler − by the trainer|; a sign of trouble on-policy, expected off-policy. */
  mismatch: { mean: number; max: number };
}

export type Sequence = Pick<Sample, 'promptIds' | 'tokens'>;

/** Splits sequences, in order, into micro-batches of at most `capacity` tokens. */
export function microBatches<S extends Sequence>(
  sequences: readonly S[],
  capacity: number,
): { first: number; sequences: S[] }[] {
  const batches: { first: number; sequences: S[] }[] = [];
  let room = 0;
  sequences.forEach((sequence, index) => {
    const size = sequence.promptIds.length + sequence.tokens.length;
    if (size > room) {
      batches.push({ first: index, sequences: [] });
      room = capacity;
    }
    batches[batches.length - 1].sequences.push(sequence);
    room -= size;
  });
  return batches;
}

/** Sequences end to end, and where each one's completion is predicted: [from, to) in rows of the batch. */
export function packMicroBatch(sequences: readonly Sequence[]): {
  batch: TokenBatch;
  spans: [number, number][];
} {
  const spans: [number, number][] = [];
  let begin = 0;
  for (const { promptIds, tokens } of sequences) {
    // The prediction of a completion's first token is made at the prompt's last.
    const from = begin + promptIds.length - 1;
    spans.push([from, from + tokens.length]);
    begin += promptIds.length + tokens.length;
  }
  const batch = packSequences(
    sequences.map(({ promptIds, tokens }) => ({
      ids: [...promptIds, ...tokens],
      promptLength: promptIds.length,
    })),
  );
  return { batch, spans };
}

/**
 * One gradient step on all `samples`. A sample of the current step, when `onPolicy`, has the trainer's own log-prob as its
 * old one: its ratio is 1 exactly.
 * @param onProgress samples done
 * @throws GpuError
 */
export async function updatePolicy(
  policy: Pick<Policy, 'trainer' | 'reference'>,
  samples: readonly Sample[],
  settings: UpdateSettings,
  onPolicy: boolean,
  onProgress?: (done: number) => void,
): Promise<UpdateResult> {
  const { trainer, reference } = policy;
  const { temperature, objective } = settings;
  const learnable = samples.filter((s) => s.learnable);
  const size = {
    sequences: samples.length,
    tokens: learnable.reduce((sum, s) => sum + sampledLength(s), 0),
  };
  const parts = microBatches(samples, trainer.capacity).map(({ first, sequences }) => ({
    first,
    sequences,
    ...packMicroBatch(sequences),
  }));
  const statistics = async (batch: TokenBatch): Promise<TokenStats> => {
    trainer.forward(batch, temperature);
    return trainer.stats();
  };

  let threshold = -Infinity;
  if (settings.topEntropyQuantile < 1) {
    const entropies: number[] = [];
    for (const { sequences, batch, spans } of parts) {
      const { entropy } = await statistics(batch);
      spans.forEach(([from, to], i) => {
        const { learnable, toolMask } = sequences[i];
        if (learnable) entropies.push(...ofSampled(entropy.subarray(from, to), toolMask));
      });
    }
    threshold = entropyThreshold(Float64Array.from(entropies), settings.topEntropyQuantile);
  }

  const total = {
    loss: 0,
    entropy: 0,
    kl: 0,
    policyKl: 0,
    low: 0,
    high: 0,
    tokens: 0,
    mismatch: 0,
    worst: 0,
  };
  trainer.zeroGradients();
  for (const { first, sequences, batch, spans } of parts) {
    reference?.forward(batch, temperature);
    const stats = await statistics(batch);
    const refStats = await reference?.stats();
    const coefficients = new Float32Array(2 * batch.tokens);
    sequences.forEach((sample, i) => {
      const [from, to] = spans[i];
      // The objective knows sampled tokens alone: what was inserted has no part in any term.
      const sampled = (values: Float32Array) => ofSampled(values, sample.toolMask);
      const logp = sampled(stats.logp.subarray(from, to));
      const entropy = sampled(stats.entropy.subarray(from, to));
      const sampledAt = sampled(sample.logps);
      const result = policyObjective(
        {
          logp,
          oldLogp: onPolicy ? logp : sampledAt,
          refLogp: refStats && sampled(refStats.logp.subarray(from, to)),
          entropy,
          advantage: sample.advantage,
          learnable: sample.learnable,
        },
        size,
        objective,
        (t) => entropy[t] >= threshold,
      );
      for (let t = from, next = 0; t < to; t++) {
        if (!isSampled(sample, t - from)) continue;
        coefficients[2 * t] = result.gradient[next++];
        coefficients[2 * t + 1] = result.entropyGradient;
      }
      total.loss += result.loss;
      total.kl += result.kl;
      total.policyKl += result.policyKl;
      total.low += result.clippedLow;
      total.high += result.clippedHigh;
      total.tokens += logp.length;
      for (let t = 0; t < logp.length; t++) {
        if (sample.learnable) total.entropy += entropy[t];
        const difference = Math.abs(sampledAt[t] - logp[t]);
        total.mismatch += difference;
        total.worst = Math.max(total.worst, difference);
      }
    });
    trainer.backward(coefficients);
    onProgress?.(first + sequences.length);
  }
  trainer.step(settings.optimizer);
  const counted = Math.max(1, size.tokens);
  return {
    loss: total.loss,
    gradNorm: await trainer.gradNorm(),
    tokens: total.tokens,
    entropy: total.entropy / counted,
    kl: total.kl / counted,
    policyKl: total.policyKl / counted,
    clipped: { low: total.low / counted, high: total.high / counted },
    mismatch: { mean: total.mismatch / Math.max(1, total.tokens), max: total.worst },
  };
}
