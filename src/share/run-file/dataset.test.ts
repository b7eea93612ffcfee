import 'fake-indexeddb/auto';
import { downloadZip } from 'client-zip';
import { beforeEach, expect, it } from 'vitest';
import { parseExperiment } from '../../lab/schema';
import { Random } from '../../random';
import { DatasetStore } from '../../store/datasets';
import { importProblems, sha256OfProblems } from '../../tasks/import';
import type { Problem } from '../../tasks/types';
import { placeDataset, readRunFile, RunFileError, writeRunFile, type RunContents } from './index';
import { randomRun } from './testing';
import { openZip } from './zip';

const QUESTIONS = [
  { question: 'What is 2 + 3?', answer: '5', level: 1 },
  { question: 'Das "Doppelte" von 7, bitte\nauf zwei Zeilen', answer: '14' },
  { question: '  深さは 4 と 4 を足すと？ 😀 ', answer: '\\frac{16}{2}', level: 12 },
];
const DATASET = importProblems(QUESTIONS.map((row) => JSON.stringify(row)).join('\n'));
const OTHER = importProblems(JSON.stringify({ question: 'What is 1 + 1?', answer: '2' }));

let here: DatasetStore;
let databases = 0;
beforeEach(() => {
  here = new DatasetStore(`data sets ${databases++}`);
});

const read = (problems: readonly Problem[] | undefined) => () => Promise.resolve(problems);

async function runAsking(file: string): Promise<RunContents> {
  const contents = { ...randomRun(new Random(31)), checkpoints: [] };
  const sha256 = await sha256OfProblems(DATASET.problems);
  const experiment = parseExperiment({ data: { task: 'imported', file, sha256 } });
  return { ...contents, run: { ...contents.run, experiment } };
}

/** As it comes out of its file. */
async function sent(contents: RunContents, problems?: readonly Problem[]) {
  const { response, notes } = writeRunFile(contents, undefined, read(problems));
  const zip = await response.blob();
  return { zip, notes, contents: await readRunFile(zip) };
}
const nameIn = ({ run }: RunContents): unknown => parseExperiment(run.experiment).data.file;

it('travels with the run, and is stored under the name that the run gives it', async () => {
  const run = await runAsking('sums');
  const { contents, zip, notes } = await sent(run, DATASET.problems);
  expect(notes).toEqual([]);
  expect({ ...contents, dataset: undefined }).toEqual(run);
  const placed = await placeDataset(contents, here);
  expect(placed.contents.run).toEqual(run.run);
  expect(placed.note).toBe('Its data set was stored as “sums”.');
  expect(await here.problems('sums')).toEqual(DATASET.problems);
  const again = await sent(placed.contents, await here.problems('sums'));
  expect(await again.zip.bytes()).toEqual(await zip.bytes());

  await placed.undo();
  expect(await here.list()).toEqual([]);
});

it('travels with a run that is only evaluated on it, and not with one that only names it', async () => {
  const run = await runAsking('sums');
  const evaluated = (eval_dataset: string): RunContents => {
    const { data } = parseExperiment(run.run.experiment);
    const experiment = parseExperiment({
      data: { ...data, task: 'countdown' },
      evaluation: { eval_dataset },
    });
    return { ...run, run: { ...run.run, experiment } };
  };
  expect((await sent(evaluated('imported'), DATASET.problems)).contents.dataset?.problems).toEqual(
    DATASET.problems,
  );
  expect((await sent(evaluated('imported'))).notes[0]).toMatch(/Its data set “sums” is not in the file/);
  const named = await sent(evaluated('arrows'), DATASET.problems);
  expect([named.contents.dataset, named.notes]).toEqual([undefined, []]);
});

it('is not stored twice', async () => {
  await here.add({ name: 'sums', ...DATASET });
  const { contents } = await sent(await runAsking('sums'), DATASET.problems);
  const { note, undo } = await placeDataset(contents, here);
  expect(note).toBe('Its data set is here already, as “sums”.');
  await undo();
  expect(await here.list()).toHaveLength(1);
});

it('leaves another one of its name as it is, and gets a name of its own that the run knows', async () => {
  await here.add({ name: 'sums', ...OTHER });
  const { contents } = await sent(await runAsking('sums'), DATASET.problems);
  const first = await placeDataset(contents, here);
  expect(first.note).toBe(
    'Its data set was stored as “sums (2)”. There is another data set “sums” here, which was left as it is.',
  );
  expect(nameIn(first.contents)).toBe('sums (2)');
  expect(await here.problems('sums')).toEqual(OTHER.problems);
  expect(await here.problems('sums (2)')).toEqual(DATASET.problems);
  const second = await placeDataset(contents, here);
  expect(second.note).toMatch(/^Its data set is here already, as “sums \(2\)”\./);
  expect(nameIn(second.contents)).toBe('sums (2)');
});

it.each([
  ['/home/someone/data/sums.jsonl', 'sums.jsonl'],
  ['C:\\data\\sums.csv', 'sums.csv'],
  [`${'x'.repeat(300)}`, 'x'.repeat(110)],
])('that was a file, %s, is called as the file', async (file, name) => {
  const { contents } = await sent(await runAsking(file), DATASET.problems);
  expect(nameIn((await placeDataset(contents, here)).contents)).toBe(name);
  expect(await here.problems(name)).toEqual(DATASET.problems);
});

it.each([
  ['gone', undefined, 'it is not here any more'],
  ['another by now', OTHER.problems, 'it has changed since the run began'],
])('that is %s leaves the run to travel alone, and both ends say so', async (_, problems, why) => {
  const { contents, notes } = await sent(await runAsking('sums'), problems);
  expect(notes).toEqual([expect.stringContaining(`“sums” is not in the file: ${why}.`)]);
  expect(contents.dataset).toBeUndefined();
  expect((await placeDataset(contents, here)).note).toContain('“sums”, which is not in the file');
  expect(await here.list()).toEqual([]);
});

it('of a run with generated questions there is none', async () => {
  const { contents, notes } = await sent({ ...randomRun(new Random(32)), checkpoints: [] }, OTHER.problems);
  expect(notes).toEqual([]);
  expect(await placeDataset(contents, here)).toMatchObject({ contents, note: undefined });
});

it('that is not the run’s own is refused', async () => {
  const run = await runAsking('sums');
  const empty = {
    ...run,
    run: { ...run.run, experiment: parseExperiment({ data: { task: 'imported', file: 'sums' } }) },
  };
  const { zip } = await sent(empty, OTHER.problems);
  const files = await openZip(zip);
  const named = files.names.find((name) => name.endsWith('dataset.jsonl'))!;
  expect(new TextDecoder().decode(await files.bytes(named))).toBe(
    '{"question":"What is 1 + 1?","answer":"2"}\n',
  );
  const swapped = await Promise.all(
    files.names.map(async (name) => ({
      name,
      input: name.endsWith('/experiment.json') ? JSON.stringify(run.run.experiment) : await files.bytes(name),
    })),
  );
  const forged = await downloadZip(swapped as { name: string; input: string }[]).blob();
  await expect(readRunFile(forged)).rejects.toThrow(RunFileError);
  await expect(readRunFile(forged)).rejects.toThrow('its data set is not the one that the run was made with');
});
