/** What an evaluation writes into a step's line. */
import { accuracyOf } from '../rl/accuracy';
import { responseMetrics, type JudgedRollout } from '../rl/judge';
import { EVAL_METRICS, evalName } from './metrics';

/**
 * `{prefix}{metric}` of a set of responses.
 * @param rollouts `n` responses to each problem, those of one problem side by side
 */
export function evaluationNumbers(rollouts: readonly JudgedRollout[], n: number): Record<string, number> {
  const { accuracy, passAtK, majority } = accuracyOf(rollouts, n);
  const responses = responseMetrics(rollouts);
  return {
    ...Object.fromEntries(
      EVAL_METRICS.filter((name) => name in responses).map((name) => [name, responses[name]]),
    ),
    ...(Number.isFinite(accuracy.low) && { accuracy_low: accuracy.low, accuracy_high: accuracy.high }),
    ...Object.fromEntries(Object.entries(passAtK).map(([k, value]) => [`pass@${k}`, value])),
    ...(majority !== undefined && { [`maj@${n}`]: majority }),
  };
}

/** The same under `eval/{mode}/…`, of a further set under `eval/{set}/{mode}/…`. */
export function evalMetrics(
  mode: 'greedy' | 'sampled',
  rollouts: readonly JudgedRollout[],
  n: number,
  set?: string,
): Record<string, number> {
  const numbers = evaluationNumbers(rollouts, n);
  return Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => [evalName(`eval/${mode}/${name}`, set), value]),
  );
}
