/** The questions of a study as rows of JSON lines, each framework's own. */
import { promptWriter } from '../../rl/prompt';
import type { Problem } from '../../tasks/types';
import { truthOf } from './truth';
import type { Study, TextFile } from './types';

/** What every framework's row is made of. */
export interface Item {
  split: 'train' | 'test';
  index: number;
  problem: Problem;
  /** The whole text that the policy sees, beginning-of-sequence token included. */
  prompt: string;
  /** JSON of a `Truth`. */
  truth: string;
}

/**
 * `data/train.jsonl` and `data/test.jsonl`: the training questions and the evaluation's.
 * @throws Error when the experiment asks for a chat template that the model lacks
 */
export function dataFiles(study: Study, row: (item: Item) => object): TextFile[] {
  const { experiment, questions, tokenizerConfig } = study;
  const write = promptWriter(tokenizerConfig, experiment.prompt);
  const file = (split: Item['split'], problems: readonly Problem[]): TextFile => ({
    path: `data/${split}.jsonl`,
    text: problems
      .map((problem, index) => {
        const truth = JSON.stringify(truthOf(experiment.data.task, problem));
        return `${JSON.stringify(row({ split, index, problem, prompt: write(problem.prompt), truth }))}\n`;
      })
      .join(''),
  });
  return [file('train', questions.train), file('test', questions.evaluation)];
}
