/** KL of sampled responses to the reference policy, for the reward. */
import { klEstimate, type KlEstimator } from './kl';
import type { Policy } from './policy';
import type { Rollout } from './rollout';
import { isSampled } from './tools/mask';
import { microBatches, packMicroBatch } from './update';

/**
 * Σ over its sampled tokens of the KL estimate, for each response; the policy's log-probs are those it was sampled at.
 * @throws GpuError
 */
export async function klToReference(
  policy: Pick<Policy, 'reference'>,
  rollouts: readonly Pick<Rollout, 'promptIds' | 'tokens' | 'logps' | 'toolMask'>[],
  estimator: KlEstimator,
  temperature: number,
): Promise<number[]> {
  const { reference } = policy;
  if (!reference) throw new Error('the policy was loaded without a reference');
  const sums: number[] = [];
  for (const { sequences } of microBatches(rollouts, reference.capacity)) {
    const { batch, spans } = packMicroBatch(sequences);
    reference.forward(batch, temperature);
    const { logp } = await reference.stats();
    sequences.forEach((sequence, i) => {
      const [from] = spans[i];
      const of = (l: number, t: number) =>
        isSampled(sequence, t) ? klEstimate(estimator, l, logp[from + t]).value : 0;
      sums.push(sequence.logps.reduce((sum, l, t) => sum + of(l, t), 0));
    });
  }
  return sums;
}
