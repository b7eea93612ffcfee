/** The questions of a study as rows of JSON lines, each framework's own. */
import { parseEvalSets } from '../../lab/schema';
import { promptWriter } from '../../rl/prompt';
import type { TaskName } from '../../tasks';
import type { Problem } from '../../tasks/types';
import { slug } from './script';
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
  /** The set: the task, or a further set of the evaluation as the experiment names it. */
  set: string;
}

/** The files of the further sets of the evaluation: the set's name and its file in `data/`, without `.jsonl`. */
export const furtherFiles = ({ questions }: Study): { set: string; file: string }[] =>
  questions.further.map(({ name }) => ({ set: name, file: `eval-${slug(name)}` }));

/**
 * `data/train.jsonl` and `data/test.jsonl`: the training questions and the evaluation's; `data/eval-….jsonl`: its further
 * sets.
 * @throws Error when the experiment asks for a chat template that the model lacks
 */
export function dataFiles(study: Study, row: (item: Item) => object): TextFile[] {
  const { experiment, questions, tokenizerConfig } = study;
  const write = promptWriter(tokenizerConfig, experiment.prompt);
  const { task } = experiment.data;
  const file = (
    name: string,
    split: Item['split'],
    problems: readonly Problem[],
    set: string = task,
    source: TaskName | 'imported' = task,
  ): TextFile => ({
    path: `data/${name}.jsonl`,
    text: problems
      .map((problem, index) => {
        const truth = JSON.stringify(truthOf(source, problem));
        return `${JSON.stringify(row({ split, index, problem, prompt: write(problem.prompt), truth, set }))}\n`;
      })
      .join(''),
  });
  const sources = parseEvalSets(experiment.evaluation.eval_dataset).map(({ source }) => source);
  const names = furtherFiles(study);
  return [
    file('train', 'train', questions.train),
    file('test', 'test', questions.evaluation),
    ...questions.further.map(({ problems }, i) =>
      file(names[i].file, 'test', problems, names[i].set, sources[i]),
    ),
  ];
}
