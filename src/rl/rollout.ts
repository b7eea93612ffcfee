/** Rollouts: problems → prompts → responses with the log-probs they were sampled at. */
import type { SamplingSettings } from '../gpu/kernels/decode';
import type { GenerationHooks } from '../model/decoder';
import type { Problem } from '../tasks/types';
import type { Sampler } from './policy';
import type { PromptEncoder } from './prompt';
import { cutAtStop } from './stop';

export interface Rollout<P extends Problem = Problem> {
  problem: P;
  promptIds: readonly number[];
  /** Sampled ids, the stop token included, and the results of calls between them. */
  tokens: Uint32Array;
  /** Log-prob of each by the sampler, at the sampling temperature. */
  logps: Float32Array;
  /** Ended by itself, not at the limit. */
  finished: boolean;
  /** The response without special tokens. */
  text: string;
  /** 1 where a token was sampled, 0 where it is part of a call's result; absent when all were sampled. */
  toolMask?: Uint8Array;
}

export interface RolloutSettings extends SamplingSettings {
  maxCompletionLength: number;
  encodePrompt: PromptEncoder;
  /** Strings that end a response, beside the model's own stop tokens; they stay in it. */
  stopStrings?: readonly string[];
  bannedIds?: readonly number[];
  /** Random stream of the first response, the others follow; another call with the same seed and use takes later ones. */
  firstStream?: number;
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
    const promptIds = settings.encodePrompt(problem.prompt);
    return Array.from({ length: n }, () => ({ problem, promptIds }));
  });
  const first = settings.firstStream ?? 0;
  const completions = await sampler.decoder.generate(
    asked.map(({ promptIds }, stream) => ({ prompt: promptIds, stream: first + stream })),
    settings,
    {
      maxNewTokens: settings.maxCompletionLength,
      stopIds: sampler.stopIds,
      bannedIds: settings.bannedIds ?? [],
    },
    hooks,
  );
  const text = (tokens: Uint32Array) => sampler.tokenizer.decode(tokens, { skipSpecialTokens: true });
  return completions.map((completion, i) => {
    const cut = cutAtStop(completion, settings.stopStrings ?? [], text);
    return { ...asked[i], ...cut, text: text(cut.tokens) };
  });
}
