/** Evaluation on held-out problems: greedy, and sampled at a temperature. */
import type { GenerationHooks } from '../model/decoder';
import type { Problem, Task } from '../tasks/types';
import { judge, type JudgedRollout } from './judge';
import type { Sampler } from './policy';
import type { PromptEncoder } from './prompt';
import { sampleRollouts } from './rollout';
import { STREAMS } from './streams';
import type { ToolSettings } from './tools/use';

export interface EvaluationSettings {
  maxCompletionLength: number;
  seed: number;
  /** 0 is greedy. */
  temperature: number;
  /** Responses a problem. */
  numSamples: number;
  encodePrompt: PromptEncoder;
  stopStrings?: readonly string[];
  bannedIds?: readonly number[];
  /** What the policy may call. */
  tools?: ToolSettings;
}

/** Answers every problem; responses to one problem stand together. @throws GpuError */
export async function evaluate<P extends Problem>(
  sampler: Sampler,
  task: Task<P>,
  problems: readonly P[],
  settings: EvaluationSettings,
  hooks?: GenerationHooks,
): Promise<JudgedRollout[]> {
  const sampling = { ...settings, topK: 0, topP: 1, stream: STREAMS.evaluation };
  const rollouts = await sampleRollouts(sampler, problems, settings.numSamples, sampling, hooks);
  return rollouts.map((rollout) => judge(task, rollout));
}
