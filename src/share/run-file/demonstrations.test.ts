import 'fake-indexeddb/auto';
import { expect, it } from 'vitest';
import { sha256OfText } from '../../lab/demonstrations';
import { parseExperiment } from '../../lab/schema';
import { Random } from '../../random';
import { DemonstrationStore } from '../../store/demonstrations';
import { checkedDemonstrations } from './demonstrations';
import { placeDemonstrations, readRunFile, RunFileError, writeRunFile, type RunContents } from './index';
import { randomRun } from './testing';

const TEXT = '{"prompt": "Was ist 2 + 3?", "completion": "5 😀"}\n\n{"prompt": "a", "completion": "b"}';
const OTHER = '{"prompt": "c", "completion": "d"}';

async function runLearning(steps = 3): Promise<RunContents> {
  const contents = { ...randomRun(new Random(31)), checkpoints: [] };
  const sft = { steps, source: 'imported', file: 'folder/calls.jsonl', sha256: await sha256OfText(TEXT) };
  return { ...contents, run: { ...contents.run, experiment: parseExperiment({ sft }) } };
}

/** As it comes out of its file. */
async function sent(contents: RunContents, text?: string) {
  const { response, notes } = writeRunFile(contents, undefined, undefined, () => Promise.resolve(text));
  const zip = await response.blob();
  return { zip, notes, contents: await readRunFile(zip) };
}
const nameIn = ({ run }: RunContents) => parseExperiment(run.experiment).sft.file;

it('travel with the run, as they are, and are stored under a name that is free', async () => {
  const here = new DemonstrationStore('demonstrations here');
  await here.add({ name: 'calls.jsonl', count: 1, withCalls: 0, text: OTHER });
  const { contents, notes } = await sent(await runLearning(), TEXT);
  expect([notes, contents.demonstrations]).toEqual([[], TEXT]);
  const placed = await placeDemonstrations(contents, here);
  expect([nameIn(placed.contents), placed.note]).toEqual([
    'calls.jsonl (2)',
    'Its demonstrations were stored as “calls.jsonl (2)”.',
  ]);
  expect(await here.text('calls.jsonl (2)')).toBe(TEXT);
  expect(await here.text('calls.jsonl')).toBe(OTHER);
  const again = await placeDemonstrations(contents, here);
  expect(again.note).toBe('Its demonstrations are here already, as “calls.jsonl (2)”.');
  await placed.undo();
  expect(await here.list()).toHaveLength(1);
});

it.each([
  ['it is not here any more', undefined],
  ['it has changed since the run began', OTHER],
])('are left out where %s, and that is said', async (why, text) => {
  const { contents, notes } = await sent(await runLearning(), text);
  expect(notes).toHaveLength(1);
  expect(notes[0]).toContain(`“folder/calls.jsonl” is not in the file: ${why}`);
  const { note } = await placeDemonstrations(contents, new DemonstrationStore('demonstrations nowhere'));
  expect(note).toMatch(/“folder\/calls\.jsonl”, which is not in the file/);
});

it('are not asked for by a run without a cold start', async () => {
  expect((await sent(await runLearning(0))).notes).toEqual([]);
});

it('that are others than the run’s are refused', async () => {
  const experiment = parseExperiment((await runLearning()).run.experiment);
  expect(await checkedDemonstrations(TEXT, experiment)).toBe(TEXT);
  for (const text of [OTHER, 'not JSON', ''])
    await expect(checkedDemonstrations(text, experiment), text).rejects.toThrow(RunFileError);
});
