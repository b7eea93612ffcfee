/** The further sets that an experiment is evaluated on: “arrows, arithmetic:1-2”. */
import { TASK_NAMES, taskByName, type TaskName } from '../../tasks';

/** `imported` is the data set that `data.file` names. */
const SOURCES = [...TASK_NAMES, 'imported'] as const;

export interface EvalSet {
  /** As it is written, and as its metrics are called: `eval/{name}/greedy/accuracy`. */
  name: string;
  source: TaskName | 'imported';
  /** The easiest and the hardest level; absent for all. */
  levels?: { min: number; max: number };
}

/** A set more is a greedy and a sampled evaluation more at every evaluation point. */
const MOST_SETS = 8;

/**
 * In the order they are written; none for an empty text.
 * @throws RangeError saying what is wrong
 */
export function parseEvalSets(text: string): EvalSet[] {
  if (text.trim() === '') return [];
  const sets = text.split(',').map((part) => parseSet(part.trim()));
  if (sets.length > MOST_SETS)
    throw new RangeError(`there are ${sets.length} sets, and at most ${MOST_SETS} are evaluated`);
  const twice = sets.find(({ name }, i) => sets.findIndex((other) => other.name === name) < i);
  if (twice) throw new RangeError(`“${twice.name}” stands in it twice`);
  return sets;
}

function parseSet(text: string): EvalSet {
  const [, word, low, high] = /^([a-z]+)(?::(\d{1,3})(?:-(\d{1,3}))?)?$/.exec(text) ?? [];
  const source = SOURCES.find((name) => name === word);
  if (!source)
    throw new RangeError(
      `“${text}” is no set; there are ${SOURCES.join(', ')}, each with levels if you like: arrows:1-2`,
    );
  if (low === undefined) return { name: source, source };
  const [min, max] = [Number(low), Number(high ?? low)];
  if (min > max) throw new RangeError(`the easiest level of “${text}” lies above the hardest`);
  if (source !== 'imported') refuseMissingLevels(text, source, min, max);
  return { name: `${source}:${min === max ? min : `${min}-${max}`}`, source, levels: { min, max } };
}

function refuseMissingLevels(text: string, source: TaskName, min: number, max: number): void {
  const { levels } = taskByName(source);
  if (levels.some((level) => level >= min && level <= max)) return;
  const there = levels.length ? `${source} has the levels ${levels.join(', ')}` : `${source} has no levels`;
  throw new RangeError(`“${text}” holds no question: ${there}`);
}

/** Whether an experiment asks the questions of the data set `data.file`: in training, or in an evaluation. */
export function usesDataset(experiment: {
  data: { task: string };
  evaluation: { eval_dataset: string };
}): boolean {
  if (experiment.data.task === 'imported') return true;
  try {
    return parseEvalSets(experiment.evaluation.eval_dataset).some(({ source }) => source === 'imported');
  } catch {
    return false;
  }
}
