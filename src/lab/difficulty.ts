/** The difficulty filter: what the base model is always or never right on teaches it nothing. */
import type { GenerationHooks } from '../model/decoder';
import { Random } from '../random';
import { passRates } from '../rl/pass-rates';
import type { Sampler } from '../rl/policy';
import { STREAMS } from '../rl/streams';
import type { Checkpoint } from '../store/types';
import { filterByPassRate } from '../tasks/import/pass-rate';
import type { Problem } from '../tasks/types';
import type { Questions } from './questions';
import { ExperimentError, type Experiment } from './schema';
import { stepSettings, type StepParts } from './step-settings';

export interface Difficulty {
  questions: Questions;
  /** What was measured, for the line of step 0. */
  metrics: Record<string, number>;
  /** Places of the kept problems among the training problems; absent when the filter is off. */
  kept?: Float32Array;
}

/** Under this name a checkpoint holds them, so that a run goes on with the same problems. */
export const KEPT_PROBLEMS = 'data_kept';

/**
 * Measures and filters the training problems, as the experiment says, before the first step.
 * @param sampler the model before training
 * @throws ExperimentError when no problem is left, saying how many were too easy and too hard; GpuError
 */
export async function filterByDifficulty(
  experiment: Experiment,
  questions: Questions,
  sampler: Sampler,
  parts: StepParts,
  hooks?: GenerationHooks,
): Promise<Difficulty> {
  const { data, seed } = experiment;
  if (data.pass_rate_samples === 0) return { questions, metrics: {} };
  const begin = performance.now();
  const { train, task } = questions;
  const chosen = new Random(seed, STREAMS.measuredProblems)
    .shuffle(train.map((_, place) => place))
    .slice(0, data.pass_rate_problems);
  const problems = chosen.map((place) => train[place]);
  // The response limit of the later steps: that of the first ones may be lower.
  const sampling = { ...stepSettings(experiment, Infinity, parts), stream: STREAMS.passRates };
  const rates = await passRates(sampler, task, problems, data.pass_rate_samples, sampling, hooks);
  const bounds = { min: data.min_pass_rate, max: data.max_pass_rate };
  const { kept, dropped } = filterByPassRate(problems, rates, bounds);
  const tooEasy = dropped.filter(({ problem }) => (rates.get(problem.id) ?? 0) > bounds.max).length;
  const counts = { kept: kept.length, tooEasy, tooHard: dropped.length - tooEasy };
  if (kept.length === 0) throw nothingLeft(experiment, counts);
  const isKept = new Set<Problem>(kept);
  const places = Float32Array.from(chosen.filter((place) => isKept.has(train[place])));
  return {
    questions: withTraining(questions, places),
    kept: places,
    metrics: {
      'data/kept': counts.kept,
      'data/too_easy': counts.tooEasy,
      'data/too_hard': counts.tooHard,
      'time/filter': (performance.now() - begin) / 1000,
    },
  };
}

/** The problems that a run was filtered to before its checkpoint. */
export function restoreDifficulty(questions: Questions, { arrays }: Pick<Checkpoint, 'arrays'>): Difficulty {
  const kept = arrays[KEPT_PROBLEMS];
  return { metrics: {}, kept, questions: kept ? withTraining(questions, kept) : questions };
}

const withTraining = (questions: Questions, places: Float32Array): Questions => ({
  ...questions,
  train: Array.from(places, (place) => questions.train[place]),
});

function nothingLeft(
  { data }: Experiment,
  { tooEasy, tooHard }: { tooEasy: number; tooHard: number },
): ExperimentError {
  const { min_pass_rate: min, max_pass_rate: max, pass_rate_samples: samples } = data;
  const message =
    `The difficulty filter leaves nothing to ask. Of ${tooEasy + tooHard} questions, each answered ${samples} times, the base model was right ` +
    `too seldom on ${tooHard} (pass rate below ${min}) and too often on ${tooEasy} (above ${max}). ` +
    (tooHard >= tooEasy
      ? 'Choose easier questions, a stronger base model or more samples, or lower the lowest pass rate.'
      : 'Choose harder questions, or raise the highest pass rate.');
  return new ExperimentError([{ path: 'data.min_pass_rate', message }]);
}
