import { describe, expect, test } from 'vitest';
import { tinyDirectory } from '../rl/testing';
import { parseDemonstrations } from '../sft/dataset';
import { countdown } from '../tasks/countdown';
import { Tokenizer } from '../tokenizer/tokenizer';
import { prepareRun } from './dataset';
import { encodeImported, sha256OfText } from './demonstrations';
import {
  ExperimentError,
  checkExperiment,
  experimentSchema,
  parseExperiment,
  type ExperimentInput,
} from './schema';

const [first, second] = countdown.split('train').map(({ prompt }) => prompt);
const [held] = countdown.split('test');
const call = { function: { name: 'calculator', arguments: JSON.stringify({ code: '3 + 4' }) } };
/** A question asked in a turn of its own, with a call; and one as a text. */
const LINES = [
  {
    messages: [
      { role: 'user', content: first },
      { role: 'assistant', content: 'check', tool_calls: [call] },
      { role: 'tool', content: '7' },
      { role: 'assistant', content: 'yes' },
    ],
  },
  { prompt: second, completion: 'no wait 3 + 4 = 7' },
];
const text = (...lines: object[]) => lines.map((line) => JSON.stringify(line)).join('\n');
const FILE = text(...LINES);

const tiny = tinyDirectory(1);
const model = { ...tiny, tokenizerConfig: { ...(tiny.tokenizerConfig as object), chat_template: undefined } };
const noQuestions = () => Promise.resolve(undefined);
const on = (sft: ExperimentInput['sft'] = {}, more: ExperimentInput = {}) =>
  parseExperiment({ ...more, sft: { steps: 2, source: 'imported', file: 'mine', ...sft } });
const prepare = (experiment: ReturnType<typeof on>, file: string | undefined) =>
  prepareRun(experiment, model, noQuestions, () => Promise.resolve(file));

test('a file is read, pinned by its hash, and asked as the experiment asks its questions', async () => {
  const { experiment, demonstrations } = await prepare(on(), FILE);
  expect(experiment.sft.sha256).toBe(await sha256OfText(FILE));
  expect(await sha256OfText(`\uFEFF${FILE}`)).toBe(experiment.sft.sha256);
  expect(demonstrations).toHaveLength(2);
  const { examples, tooLong } = encodeImported(demonstrations!, experiment, model, 200);
  expect(tooLong).toEqual([]);
  const tokenizer = new Tokenizer(model.tokenizer, model.tokenizerConfig);
  const asked = examples.map(({ promptIds }) => tokenizer.decode([...promptIds]));
  expect(asked.map((prompt, i) => prompt.endsWith([first, second][i]))).toEqual([true, true]);
  const [{ tokens, toolMask }] = examples;
  const shown = [...tokens].filter((_, t) => toolMask![t] === 0);
  expect(tokenizer.decode(shown)).toContain('7');
  expect(await prepare(experiment, FILE)).toEqual({ experiment, model, demonstrations });
});

test('is not asked for by a run that has begun, nor by one that learns from others', async () => {
  const none = () => Promise.reject(new Error('it was read'));
  const begun = on({ sha256: 'ab'.repeat(32) });
  expect(await prepareRun(begun, model, noQuestions)).toEqual({ experiment: begun, model });
  const others = on({ steps: 0 });
  expect(await prepareRun(others, model, noQuestions, none)).toEqual({ experiment: others, model });
});

describe('refused before anything is computed', () => {
  test.each<[string, ReturnType<typeof on>, string | undefined, RegExp]>([
    ['no such file', on(), undefined, /sft\.file: There is no file of demonstrations “mine” here/],
    ['a changed one', on({ sha256: 'ab'.repeat(32) }), FILE, /sft\.sha256: .*“mine” has changed/],
    [
      'lines that cannot be used, by their numbers',
      on(),
      `${FILE}\n\n{"prompt": "x"}\nnot JSON`,
      /“mine”: 2 of the demonstrations .*\n {2}line 4: it has a "prompt" but no "completion"\n {2}line 5: it is not JSON/,
    ],
    [
      'words that the model does not know',
      on(),
      text(...LINES, { prompt: first, completion: 'tap dance' }),
      /1 of the demonstrations .*\n {2}line 3: .*"tap"/,
    ],
    [
      'a conversation without a chat template',
      on(),
      text({ messages: [LINES[0].messages![0], ...LINES[0].messages!] }),
      /line 1: The model has no chat template/,
    ],
    [
      'answers to what is held out',
      on(),
      text(...LINES, { prompt: held.prompt, completion: 'yes' }),
      /“mine” answers 1 of the questions that the evaluation holds out, in line 3:/,
    ],
    [
      'nothing short enough',
      on({}, { rollout: { max_completion_length: 8 } }),
      text({ prompt: first, completion: 'no wait '.repeat(20).trim() }),
      /All 1 demonstrations of “mine” are longer than \d+ tokens/,
    ],
  ])('%s', async (_, experiment, file, message) => {
    const attempt = prepare(experiment, file);
    await expect(attempt).rejects.toThrow(ExperimentError);
    await expect(attempt).rejects.toThrow(message);
  });

  test('a reader’s lines are those of the file', () =>
    expect(parseDemonstrations(`\n${FILE}`, 'mine').map(({ line }) => line)).toEqual([2, 3]));
});

test('settings that cannot fit are told at their fields', () => {
  const pathsOf = (sft: ExperimentInput['sft'], more: ExperimentInput = {}) => {
    const { errors, warnings } = checkExperiment(experimentSchema.parse({ ...more, sft }));
    return [errors.map(({ path }) => path), warnings.map(({ path }) => path)];
  };
  expect(pathsOf({ steps: 1, source: 'imported' })).toEqual([['sft.file'], []]);
  expect(pathsOf({ steps: 1, source: 'imported', file: 'x', sha256: 'y' })).toEqual([['sft.sha256'], []]);
  expect(pathsOf({ steps: 1, file: 'x' })).toEqual([[], ['sft.file']]);
  expect(pathsOf({ steps: 1, source: 'imported', file: 'x', examples: 1 })).toEqual([[], []]);
  const own: ExperimentInput = { data: { task: 'imported', file: 'q' } };
  expect(pathsOf({ steps: 1, source: 'imported', file: 'x' }, own)).toEqual([[], []]);
});
