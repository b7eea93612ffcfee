/** How often a model is right on each problem: what its difficulty is for this model. */
import type { GenerationHooks } from '../model/decoder';
import type { Problem, Task } from '../tasks/types';
import { judge } from './judge';
import type { Sampler } from './policy';
import { sampleRollouts, type RolloutSettings } from './rollout';

/** Problems asked between two reports of progress. */
const PROBLEMS_AT_ONCE = 64;

/**
 * Share of right and finished responses among `samples` to each problem, by the problem's id.
 * @param onProgress in `hooks`, counts responses
 * @throws GpuError, TokenizerError
 */
export async function passRates<P extends Problem>(
  sampler: Sampler,
  task: Task<P>,
  problems: readonly P[],
  samples: number,
  settings: RolloutSettings,
  { onProgress, checkAborted }: GenerationHooks = {},
): Promise<Map<string, number>> {
  const rates = new Map<string, number>();
  for (let next = 0; next < problems.length; next += PROBLEMS_AT_ONCE) {
    const asked = problems.slice(next, next + PROBLEMS_AT_ONCE);
    const before = next * samples;
    const sampling = { ...settings, firstStream: before };
    const rollouts = await sampleRollouts(sampler, asked, samples, sampling, {
      checkAborted,
      onProgress: (done) => onProgress?.(before + done, problems.length * samples),
    });
    for (const [i, problem] of asked.entries()) {
      const own = rollouts.slice(i * samples, (i + 1) * samples);
      rates.set(problem.id, own.filter((rollout) => judge(task, rollout).correct).length / samples);
    }
  }
  return rates;
}
