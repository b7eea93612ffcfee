/** Rollouts: problems → prompts → responses with the log-probs they were sampled at. */
import type { SamplingSettings } from '../gpu/kernels/decode';
import type { Completion, GenerationHooks } from '../model/decoder';
import type { Problem } from '../tasks/types';
import type { Sampler } from './policy';
import type { PromptEncoder } from './prompt';
import { cutAtStop } from './stop';
import { isSampled, ofSampled } from './tools/mask';
import { type ToolCall, type ToolSettings, ToolUse, type UsedTools } from './tools/use';

export interface Rollout<P extends Problem = Problem> {
  problem: P;
  promptIds: readonly number[];
  /** Sampled ids, the stop token included, and the results of calls between them. */
  tokens: Uint32Array;
  /** Log-prob of each by the sampler, at the sampling temperature; 0 where it was not sampled. */
  logps: Float32Array;
  /** Ended by itself, not at the limit. */
  finished: boolean;
  /** The response without special tokens. */
  text: string;
  /** 1 where a token was sampled, 0 where it is part of a call's result; absent when all were sampled. */
  toolMask?: Uint8Array;
  /** What the policy itself wrote, when results stand in the text. */
  written?: string;
  /** Absent where there is no tool. */
  calls?: readonly ToolCall[];
}

export interface RolloutSettings extends SamplingSettings {
  maxCompletionLength: number;
  encodePrompt: PromptEncoder;
  /** Strings that end a response, beside the model's own stop tokens; they stay in it. */
  stopStrings?: readonly string[];
  bannedIds?: readonly number[];
  /** What the policy may call. */
  tools?: ToolSettings;
  /** Random stream of the first response, the others follow; another call with the same seed and use takes later ones. */
  firstStream?: number;
}

/**
 * `n` responses to each problem; those of one problem stand together.
 * @throws GpuError; ToolError when the interpreter cannot work
 */
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
  const { tools } = settings;
  const use = tools && new ToolUse(tools);
  try {
    const completions = await sampler.decoder.generate(
      asked.map(({ promptIds }, stream) => ({ prompt: promptIds, stream: first + stream })),
      settings,
      {
        maxNewTokens: settings.maxCompletionLength,
        stopIds: sampler.stopIds,
        bannedIds: settings.bannedIds ?? [],
      },
      tools?.execute ? { ...hooks, interrupt: use?.interrupt } : hooks,
    );
    return completions.map((completion, i) => ({
      ...asked[i],
      ...finish(sampler, completion, settings.stopStrings ?? [], use?.used.bind(use, i)),
    }));
  } finally {
    use?.abort();
  }
}

/** A completion up to its stop string, with its text and its calls. */
function finish(
  { tokenizer }: Sampler,
  completion: Completion,
  stopStrings: readonly string[],
  used?: (tokens: Uint32Array) => UsedTools,
): Omit<Rollout, 'problem' | 'promptIds'> {
  const text = (tokens: Uint32Array) => tokenizer.decode(tokens, { skipSpecialTokens: true });
  const whole = used?.(completion.tokens);
  // What ends a response is what the policy writes, not what a result holds.
  const written = (tokens: Uint32Array) => text(ofSampled(tokens, whole?.toolMask));
  const cut = cutAtStop(completion, stopStrings, written);
  if (!used) return { ...cut, text: text(cut.tokens) };
  const { calls, toolMask } = used(cut.tokens);
  return {
    tokens: cut.tokens,
    logps: cut.logps.map((logp, t) => (isSampled({ toolMask }, t) ? logp : 0)),
    finished: cut.finished && isSampled({ toolMask }, cut.tokens.length - 1),
    text: text(cut.tokens),
    calls,
    ...(toolMask && { toolMask, written: written(cut.tokens) }),
  };
}
