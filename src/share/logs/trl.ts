/** TRL's `log_history`. Its metrics have the lab's names, for the lab's are TRL's. */
import { METRICS, type StepMetrics } from '../../lab/metrics';
import { bySteps, isStepNumber, numberOf, renamed, type LogLine } from './steps';

const TRAINING = Object.fromEntries(Object.keys(METRICS).map((name) => [name, name]));
const EVALUATION = {
  eval_accuracy: 'eval/sampled/accuracy',
  'eval_completions/mean_length': 'eval/sampled/mean_length',
};
const CUT = 'eval_completions/clipped_ratio';

/** Of several sets TRL logs the metrics of each under the same names; which one it was, the time that it took tells. */
const FURTHER_SET = /^eval_(?!test_).+_runtime$/;

/** @param updatesPerStep updates of one step of the lab, whose lines are put together */
export function trlMetrics(history: readonly object[], updatesPerStep: number): StepMetrics[] {
  const lines = history.flatMap((line): LogLine[] => {
    const { step, [CUT]: share } = line as Record<string, unknown>;
    if (!isStepNumber(step) || Object.keys(line).some((name) => FURTHER_SET.test(name))) return [];
    const values = { ...renamed(line, TRAINING), ...renamed(line, EVALUATION) };
    const cut = numberOf(share);
    if (cut !== undefined) values['eval/sampled/completion_ratio'] = 1 - cut;
    return [{ step: Math.ceil(step / updatesPerStep), values }];
  });
  return bySteps(lines);
}
