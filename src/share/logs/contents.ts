import { newRun } from '../../lab/new-run';
import type { Experiment } from '../../lab/schema';
import { updates } from '../export/sizes';
import type { RunContents } from '../run-file';
import { readLog } from './log';

const LONGEST_NAME = 100;

/**
 * A log as a finished run of its experiment, beside the lab's own: it goes by the framework's name.
 * @throws LogError when no step is found in the text
 */
export function contentsOfLog(text: string, experiment: Experiment): RunContents {
  const { framework, metrics } = readLog(text, updates(experiment));
  const name = `${experiment.name.slice(0, LONGEST_NAME)} (${framework})`;
  const { step } = metrics[metrics.length - 1];
  return {
    run: { ...newRun({ ...experiment, name }, framework), status: 'finished', step },
    metrics,
    rollouts: [],
    checkpoints: [],
  };
}
