/** A study in the files of a framework that trains on many graphics cards. */
import type { Framework } from './frameworks';
import { tokenizerConfigFile } from './model';
import { openrlhfFiles } from './openrlhf';
import { trlFiles } from './trl';
import type { Study, TextFile } from './types';
import { verlFiles } from './verl';

export { FRAMEWORKS, type Framework } from './frameworks';
export { chunksOf, copiedFiles } from './model';
export { studyOf } from './study';
export type { Study, TextFile } from './types';

/** The experiment itself, by which `lab import` knows whose log it reads. */
export const EXPERIMENT_FILE = 'experiment.json';

const FILES: Record<Framework, (study: Study) => TextFile[]> = {
  trl: trlFiles,
  verl: verlFiles,
  openrlhf: openrlhfFiles,
};

/**
 * Everything of an export but the weights and the tokenizer, which lie in `model/` as they are (`copiedFiles`, or a
 * checkpoint's).
 * @throws Error when the experiment asks for a chat template that the model lacks
 */
export const exportStudy = (framework: Framework, study: Study): TextFile[] => [
  ...FILES[framework](study),
  tokenizerConfigFile(study.tokenizerConfig),
  { path: EXPERIMENT_FILE, text: `${JSON.stringify(study.experiment, null, 2)}\n` },
];
