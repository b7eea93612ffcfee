/** The experiment that a person names, with what the command line changes in it. */
import { existsSync } from 'node:fs';
import type { WeightType } from '../gpu/kernels/packed-weights';
import { PRESETS } from '../lab/presets';
import { parseExperiment, type Experiment } from '../lab/schema';
import { readJsonFile } from './files';
import { CliError } from './output';

export interface Overrides {
  steps?: number;
  seed?: number;
  model?: string;
  dtype?: WeightType;
}

/**
 * A preset by its name, or the document in a file.
 * @throws CliError when there is neither, ExperimentError with the path of every problem
 */
export async function loadExperiment(nameOrFile: string, overrides: Overrides = {}): Promise<Experiment> {
  return override(parseExperiment(await readInput(nameOrFile)), overrides);
}

function readInput(nameOrFile: string): Promise<unknown> {
  if (Object.hasOwn(PRESETS, nameOrFile)) return Promise.resolve(PRESETS[nameOrFile].experiment);
  if (existsSync(nameOrFile)) return readJsonFile(nameOrFile);
  throw new CliError(
    `There is no preset and no file "${nameOrFile}". Presets: ${Object.keys(PRESETS).join(', ')}.`,
  );
}

/** @throws ExperimentError when the result is out of range */
export function override(experiment: Experiment, { steps, seed, model, dtype }: Overrides): Experiment {
  return parseExperiment({
    ...experiment,
    seed: seed ?? experiment.seed,
    model: { path: model ?? experiment.model.path, dtype: dtype ?? experiment.model.dtype },
    schedule: { ...experiment.schedule, max_steps: steps ?? experiment.schedule.max_steps },
  });
}
