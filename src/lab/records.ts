/** From judged responses to what is stored of them. */
import type { JudgedRollout } from '../rl/judge';
import type { RewardedRollout } from '../rl/step';
import { sampledLength } from '../rl/tools/mask';
import type { RolloutRecord } from '../store/types';

/** An evaluation's response earns nothing: its reward is whether it is right. */
export const unrewarded = (r: JudgedRollout): RewardedRollout => ({
  ...r,
  rewards: {},
  reward: Number(r.correct),
});

/** A response as it is stored with step `step`. */
export function record(
  step: number,
  kind: RolloutRecord['kind'],
  r: RewardedRollout,
  advantage: number,
): RolloutRecord {
  return {
    step,
    kind,
    problemId: r.problem.id,
    prompt: r.problem.prompt,
    response: r.text,
    answer: r.problem.answer,
    length: sampledLength(r),
    finished: r.finished,
    reward: r.reward,
    rewards: r.rewards,
    advantage,
    correct: r.correct,
    verdict: r.verdict.reason,
    equations: r.equations,
    ...(r.calls && { calls: r.calls.map((call) => ({ ...call })) }),
    ...(r.toolMask && { toolTokens: r.tokens.length - sampledLength(r) }),
  };
}
