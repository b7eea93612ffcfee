/** Rollouts: problems → prompts → responses with the log-probs they were sampled at. */
import type { SamplingSettings } from '../gpu/kernels/decode';
import type { GenerationHooks } from '../model/decoder';
import type { Problem } from '../tasks/types';
import type { Sampler } from './policy';

export interface Rollout<P extends Problem = Problem> {
  problem: P;
  promptIds: readonly number[];
  /** Sampled ids, the stop token included. */
  tokens: Uint32Array;
  /** Log-prob of each by the sampler, at the sampling temperature. */
  logps: Float32Array;
  /** Ended by itself, not at the limit. */
  finished: boolean;
  /** The response without special tokens. */
  text: string;
}

export interface RolloutSettings extends SamplingSettings {
  maxCompletionLength: number;
  bannedIds?: readonly number[];
}

/** `n` responses to each problem; those of one problem stand together. @throws GpuError */
export async function sampleRollouts<P extends Problem>(
  sampler: Sampler,
  problems: readonly P[],
  n: number,
  settings: RolloutSettings,
  hooks: GenerationHooks = {},
): Promise<Rollout<P>[]> {
  const asked = problems.flatMap((problem) => {
    const promptIds = sampler.encodePrompt(problem.prompt);
    return Array.from({ length: n }, () => ({ problem, promptIds }));
  });
  const completions = await sampler.decoder.generate(
    asked.map(({ promptIds }, stream) => ({ prompt: promptIds, stream })),
    settings,
    {
      maxNewTokens: settings.maxCompletionLength,
      stopIds: sampler.stopIds,
      bannedIds: settings.bannedIds ?? [],
    },
    hooks,
  );
  return completions.map((completion, i) => ({
    ...asked[i],
    ...completion,
    text: sampler.tokenizer.decode(completion.tokens, { skipSpecialTokens: true }),
  }));
}
