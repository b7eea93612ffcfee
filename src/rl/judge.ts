/** Judging responses: verdict, reward terms, and the statistics that the study watches. */
import { answerText } from '../tasks/format';
import { keywordCategories, type KeywordCategory } from '../tasks/keywords';
import type { EquationCount, Problem, Task, Verdict } from '../tasks/types';
import type { Rollout } from './rollout';
import { sampledLength } from './tools/mask';
import { toolMetrics } from './tools/metrics';

export interface JudgedRollout extends Rollout {
  verdict: Verdict;
  /** Right and finished: an answer cut at the limit does not count. */
  correct: boolean;
  keywords: Record<KeywordCategory, boolean>;
  equations: EquationCount;
}

/** What the checker says of a response, and what is to be seen in it: in what the policy wrote, not in results of calls. */
export function judge<P extends Problem>(task: Task<P>, rollout: Rollout<P>): JudgedRollout {
  const written = rollout.written ?? rollout.text;
  const verdict = task.verify(rollout.problem, answerText(written));
  const correct = verdict.correct && rollout.finished;
  const reason = rollout.finished ? verdict.reason : 'cut at the token limit before it ended';
  return {
    ...rollout,
    verdict: { ...verdict, reason },
    correct,
    keywords: keywordCategories(written),
    equations: task.equations(written),
  };
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const share = <T>(items: readonly T[], test: (item: T) => boolean): number =>
  items.filter(test).length / items.length;

/** Shares and lengths of a set of responses, under TRL's metric names where it has them; results of calls have no length. */
export function responseMetrics(rollouts: readonly JudgedRollout[]): Record<string, number> {
  const lengths = (of: readonly JudgedRollout[]) => of.map(sampledLength);
  const all = lengths(rollouts);
  const right = rollouts.filter((r) => r.correct);
  const wrong = rollouts.filter((r) => !r.correct);
  const equations = rollouts.reduce((sum, r) => sum + r.equations.total, 0);
  return {
    accuracy: right.length / rollouts.length,
    mean_length: mean(all),
    min_length: Math.min(...all),
    max_length: Math.max(...all),
    ...(right.length && { mean_correct_length: mean(lengths(right)) }),
    ...(wrong.length && { mean_wrong_length: mean(lengths(wrong)) }),
    completion_ratio: share(rollouts, (r) => r.finished),
    'keywords/any': share(rollouts, (r) => Object.values(r.keywords).some(Boolean)),
    'keywords/verification': share(rollouts, (r) => r.keywords.verification),
    'keywords/reflection': share(rollouts, (r) => r.keywords.reflection),
    'keywords/correction': share(rollouts, (r) => r.keywords.correction),
    ...(equations && {
      right_equations: rollouts.reduce((sum, r) => sum + r.equations.right, 0) / equations,
    }),
    ...toolMetrics(rollouts),
  };
}
