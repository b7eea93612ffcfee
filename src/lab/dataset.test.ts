import { describe, expect, test } from 'vitest';
import { byteDirectory, tinyDirectory } from '../rl/testing';
import { importProblems, type ImportReport } from '../tasks/import';
import { countdown } from '../tasks/countdown';
import { prepareRun } from './dataset';
import { questionsOf } from './questions';
import { ExperimentError, parseExperiment, type ExperimentInput } from './schema';

const read =
  ({ problems }: ImportReport) =>
  () =>
    Promise.resolve(problems);
const experimentOn = (file: string, input: ExperimentInput = {}) =>
  parseExperiment({ ...input, data: { task: 'imported', file, ...input.data } });
const sums = (n: number, level?: number) =>
  importProblems(
    Array.from({ length: n }, (_, i) =>
      JSON.stringify({ question: `What is ${i} + 1?`, answer: i + 1, level }),
    ).join('\n'),
  );
/** Questions in the words of the tiny model. */
const puzzles = importProblems(
  countdown
    .split('train')
    .slice(0, 40)
    .map(({ prompt, answer }) => JSON.stringify({ prompt, answer }))
    .join('\n'),
);

test('a generated task needs no data set', async () => {
  const experiment = parseExperiment({});
  const model = tinyDirectory(1);
  const none = () => Promise.reject(new Error('it was read'));
  expect(await prepareRun(experiment, model, none)).toEqual({ experiment, model });
});

test('an imported one is read, pinned by its hash, split by its questions and graded as maths', async () => {
  const { experiment, dataset } = await prepareRun(experimentOn('mine'), tinyDirectory(1), read(puzzles));
  expect(experiment.data.sha256).toMatch(/^[0-9a-f]{64}$/);
  const { task, train, evaluation, all } = questionsOf(experiment, dataset);
  expect(train).toHaveLength(puzzles.counts.splits.train);
  expect(evaluation).toHaveLength(puzzles.counts.splits.test);
  expect(all.every((p) => puzzles.problems.includes(p))).toBe(true);
  const { answer } = train[0];
  expect(task.verify(train[0], `A: \\boxed{ ${Number(answer) + 1} - 1 }`).correct).toBe(true);
  expect(task.verify(train[0], `A: \\boxed{ ${answer} + 1 }`).correct).toBe(false);
  const again = await prepareRun(experiment, tinyDirectory(1), read(puzzles));
  expect(again.experiment).toEqual(experiment);
});

describe('refused before anything is computed', () => {
  const anyText = byteDirectory(1);
  const text = { ...anyText, config: { ...anyText.config, maxPositionEmbeddings: 2048 } };
  test.each([
    ['no such data set', experimentOn('mine'), undefined, 'There is no data set “mine” here'],
    [
      'a changed one',
      experimentOn('mine', { data: { sha256: 'ab'.repeat(32) } }),
      sums(40),
      /“mine” has changed: .* the experiment was made with abababababab…/,
    ],
    [
      'an empty split',
      experimentOn('mine'),
      importProblems('{"question": "What is 1 + 1?", "answer": "2"}'),
      /None of the 1 usable questions of “mine” falls into the (train|test) set/,
    ],
    [
      'no level among those asked',
      experimentOn('mine', { data: { max_level: 9 } }),
      sums(40, 12),
      'No training problem of “mine” lies between the levels 1 and 9. It has the levels 12.',
    ],
    [
      'a question that leaves no room',
      experimentOn('mine', { rollout: { max_completion_length: 1024 } }),
      importProblems(
        Array.from({ length: 40 }, (_, i) =>
          JSON.stringify({ question: `What is ${i} + ${'1'.repeat(7900)}?`, answer: 1 }),
        ).join('\n'),
      ),
      /cannot read \d+ of the \d+ questions: .* tokens, room for \d+\)/,
    ],
  ])('%s', async (_, experiment, report, message) => {
    const attempt = prepareRun(experiment, text, () => Promise.resolve(report?.problems));
    await expect(attempt).rejects.toThrow(ExperimentError);
    await expect(attempt).rejects.toThrow(message);
  });

  test('words that the model does not know, even in a single short question', async () => {
    const odd = importProblems('{"question": "abc", "answer": "1"}').problems;
    const attempt = prepareRun(experimentOn('mine'), tinyDirectory(1), () =>
      Promise.resolve([...puzzles.problems, ...odd]),
    );
    await expect(attempt).rejects.toThrow(
      /cannot read 1 of the \d+ questions: “abc” \(The tokenizer does not know "abc"\)\. Choose another base model/,
    );
  });
});

describe('further sets of the evaluation', () => {
  const on = (eval_dataset: string, input: ExperimentInput = {}) =>
    parseExperiment({ data: { file: 'mine' }, ...input, evaluation: { eval_dataset, problems: 7 } });
  const held = countdown.split('test').slice(0, 9);

  test('are held-out questions of a task, and those of a data set that are not trained on', async () => {
    const mixed = { ...puzzles, problems: [...puzzles.problems, ...held] };
    const prepared = await prepareRun(on('arrows:2, imported'), tinyDirectory(1), read(mixed));
    const { experiment, dataset } = prepared;
    expect(experiment.data.sha256).toMatch(/^[0-9a-f]{64}$/);
    const { task, train, evaluation, further, all } = questionsOf(experiment, dataset);
    expect([task.name, ...further.map(({ name }) => name)]).toEqual(['countdown', 'arrows:2', 'imported']);
    const [arrows, own] = further;
    expect(arrows.problems).toHaveLength(7);
    expect(arrows.problems.every(({ level }) => level === 2)).toBe(true);
    expect(own.problems).toEqual(held.slice(0, 7));
    expect(all).toHaveLength(train.length + evaluation.length + arrows.problems.length + own.problems.length);
  });

  test.each([
    ['modular', /cannot read 7 of the 7 questions of the further set “modular”: “solve .* take it out/],
    ['imported:5', /“imported:5” holds no question: of the 40 of “mine” 0 are of these levels/],
    ['imported', /“imported” holds no question: .* 40 are of these levels, and all of those are trained on/],
  ])('%s is refused before anything is computed', async (set, message) => {
    const graded = { ...puzzles, problems: puzzles.problems.map((p) => ({ ...p, level: 1 })) };
    const attempt = prepareRun(on(set), tinyDirectory(1), read(graded));
    await expect(attempt).rejects.toThrow(ExperimentError);
    await expect(attempt).rejects.toThrow(message);
  });
});

test('settings that cannot fit are told at their fields', () => {
  const pathsOf = (input: ExperimentInput): string[] => {
    try {
      parseExperiment(input);
      return [];
    } catch (error) {
      return (error as ExperimentError).problems.map((p) => p.path);
    }
  };
  expect(pathsOf({ data: { task: 'imported' } })).toEqual(['data.file']);
  expect(pathsOf({ data: { sha256: 'x' } })).toEqual(['data.sha256']);
  expect(pathsOf({ data: { min_level: 3, max_level: 2 } })).toEqual(['data.min_level']);
  const filter = { pass_rate_samples: 4, min_pass_rate: 0.5, max_pass_rate: 0.2 };
  expect(pathsOf({ data: filter })).toEqual(['data.min_pass_rate']);
  expect(pathsOf({ data: { task: 'imported', file: 'x' }, sft: { steps: 1 } })).toEqual(['sft.source']);
});
