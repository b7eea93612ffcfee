/** The problems of an experiment: what is asked in training, and what is held out to evaluate by. */
import { taskByName } from '../tasks';
import { importedTask } from '../tasks/import';
import { grade } from '../tasks/maths/grade';
import type { Problem, Task } from '../tasks/types';
import { ExperimentError, parseEvalSets, type EvalSet, type Experiment } from './schema';

export interface Questions {
  task: Task;
  train: readonly Problem[];
  evaluation: readonly Problem[];
  /** The further sets, in the order the experiment names them. */
  further: readonly FurtherSet[];
  /** All of them. */
  all: readonly Problem[];
}

/** A set that the experiment is evaluated on beside its own. */
export interface FurtherSet {
  /** Of its metrics: `eval/{name}/…`. */
  name: string;
  task: Task;
  problems: readonly Problem[];
}

/**
 * @param imported the problems of the experiment's data set, where it asks them
 * @throws ExperimentError when the data set is missing, or a split or the levels leave nothing to ask
 */
export function questionsOf(experiment: Experiment, imported?: readonly Problem[]): Questions {
  const { data, evaluation } = experiment;
  const task = taskOf(experiment, imported);
  const asked = (name: 'train' | typeof evaluation.split) => {
    const all = task.split(name);
    if (all.length === 0) throw emptySplit(data.file, name, imported ?? []);
    return all.filter(
      ({ level }) => level === undefined || (level >= data.min_level && level <= data.max_level),
    );
  };
  const train = asked('train');
  const held = asked(evaluation.split).slice(0, evaluation.problems);
  if (train.length === 0 || held.length === 0) {
    const levels = task.levels.join(', ');
    throw refusal(
      'data.min_level',
      `No ${train.length === 0 ? 'training' : evaluation.split} problem of ${task.title} lies between the levels ${data.min_level} and ${data.max_level}. It has the levels ${levels}.`,
    );
  }
  const further = parseEvalSets(evaluation.eval_dataset).map((set) =>
    furtherSet(experiment, set, train, imported),
  );
  const all = [...train, ...held, ...further.flatMap(({ problems }) => problems)];
  return { task, train, evaluation: held, further, all };
}

function taskOf({ data }: Experiment, imported?: readonly Problem[]): Task {
  return data.task === 'imported' ? ownTask(data.file, imported) : taskByName(data.task);
}

function ownTask(file: string, problems: readonly Problem[] | undefined): Task {
  if (!problems) throw refusal('data.file', `The data set “${file}” was not read.`);
  return importedTask({ name: 'imported', title: `“${file}”`, problems, check: grade });
}

/** Of a task the split that is held out, of a data set that is not trained on all of it; no question that is trained on. */
function furtherSet(
  { data, evaluation }: Experiment,
  { name, source, levels }: EvalSet,
  train: readonly Problem[],
  imported?: readonly Problem[],
): FurtherSet {
  const isOwn = source === 'imported';
  const task = isOwn ? ownTask(data.file, imported) : taskByName(source);
  const all = isOwn && data.task !== source ? imported! : task.split(evaluation.split);
  const asked = levels
    ? all.filter(({ level }) => level === undefined || (level >= levels.min && level <= levels.max))
    : all;
  const trained = new Set(train.map(({ prompt }) => prompt));
  const held = asked.filter(({ prompt }) => !trained.has(prompt));
  if (held.length === 0)
    throw refusal(
      'evaluation.eval_dataset',
      `The further set “${name}” holds no question: of the ${all.length} of ${task.title} ${asked.length} are of these levels, and all of those are trained on.`,
    );
  return { name, task, problems: held.slice(0, evaluation.problems) };
}

const emptySplit = (file: string, split: string, problems: readonly Problem[]) =>
  refusal(
    split === 'train' ? 'data.file' : 'evaluation.split',
    `None of the ${problems.length} usable questions of “${file}” falls into the ${split} set. ` +
      'Eight in ten questions are for training, one for validation, one for test, by their text alone: ' +
      `${split === 'train' ? 'add questions' : 'add questions, or evaluate on the other set'}.`,
  );

const refusal = (path: string, message: string) => new ExperimentError([{ path, message }]);

/** So many of the longest questions are tokenised to find the longest prompt, and a little room is left for the rest. */
const MEASURED = 256;
const SPARE_TOKENS = 8;

/** Room for the prompts of all problems, in tokens: to tokenise every one of a large set takes longer than it is worth. */
export function longestPrompt(
  problems: readonly Problem[],
  encodePrompt: (question: string) => readonly number[],
): number {
  const byLength = problems.map(({ prompt }) => prompt).sort((a, b) => b.length - a.length);
  const measured = byLength.slice(0, MEASURED).map((prompt) => encodePrompt(prompt).length);
  return measured.reduce((a, b) => Math.max(a, b), 0) + SPARE_TOKENS;
}
