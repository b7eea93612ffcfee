import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import { contentsOf } from '../share/run-file';
import { parseExperiment } from '../lab/schema';
import { FolderStore } from '../store/folder';
import { run } from '../store/testing';
import { sha256OfProblems } from '../tasks/import';
import { importFile } from './dataset';
import { runCli } from './program';

const folder = mkdtempSync(join(tmpdir(), 'lab-run-file-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

let stderr = '';
beforeEach(() => {
  stderr = '';
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

const RUNS = 'e2e/results/runs';
const RUN = `${RUNS}/fixed-seed-0`;

/** These runs were recorded without checkpoints. */
async function contents(dir: string) {
  const store = new FolderStore(dir);
  return contentsOf(store, (await store.run()).id);
}

it('a run leaves as a zip and comes back equal', async () => {
  expect(await runCli(['export', RUN, '--to', 'run', '--out', at('run.zip')])).toBe(0);
  expect(await runCli(['import', at('run.zip'), '--out', at('run')])).toBe(0);
  expect(await contents(at('run'))).toEqual(await contents(RUN));
});

it('a damaged zip is refused, and no folder is made', async () => {
  writeFileSync(at('cut.zip'), readFileSync(at('run.zip')).subarray(0, 5000));
  expect(await runCli(['import', at('cut.zip'), '--out', at('nothing')])).toBe(1);
  expect(stderr).toMatch(/^error: This run file cannot be imported: .* Nothing was changed\./);
  expect(() => readFileSync(at('nothing/run.json'))).toThrow('ENOENT');
});

it('a folder with a run is left as it is', async () => {
  const before = readFileSync(at('run/run.json'), 'utf8');
  expect(await runCli(['import', at('run.zip'), '--out', at('run')])).toBe(1);
  expect(stderr).toContain('already holds the run');
  expect(readFileSync(at('run/run.json'), 'utf8')).toBe(before);
});

it('a run takes its data set with it, and finds it beside itself where it arrives', async () => {
  const questions = '{"question":"What is 2 + 3?","answer":"5"}\n{"question":"And 4 - 1?","answer":"3"}\n';
  writeFileSync(at('sums.jsonl'), questions);
  const { problems } = await importFile(at('sums.jsonl'));
  const sha256 = await sha256OfProblems(problems);
  const experiment = parseExperiment({ data: { task: 'imported', file: at('sums.jsonl'), sha256 } });
  const store = new FolderStore(at('asking'));
  await store.createRun(run('r', { experiment }), { metrics: { step: 0 } });
  expect(await runCli(['export', at('asking'), '--to', 'run', '--out', at('asking.zip')])).toBe(0);
  expect(await runCli(['import', at('asking.zip'), '--out', at('arrived')])).toBe(0);

  const arrived = parseExperiment((await new FolderStore(at('arrived')).run()).experiment);
  expect(arrived).toEqual({ ...experiment, data: { ...experiment.data, file: at('arrived/dataset.jsonl') } });
  expect((await importFile(arrived.data.file)).problems).toEqual(problems);

  rmSync(at('sums.jsonl'));
  expect(await runCli(['export', at('asking'), '--to', 'run', '--out', at('asking.zip')])).toBe(0);
  expect(stderr).toContain('is not in the file: it is not here any more');
  expect(await runCli(['import', at('asking.zip'), '--out', at('alone')])).toBe(0);
  expect(stderr).toContain('sums.jsonl”, which is not in the file. To go on with it, import that data set');
});

it('writes the report of a run', async () => {
  expect(await runCli(['export', RUN, '--to', 'html', '--out', at('run.html')])).toBe(0);
  expect(readFileSync(at('run.html'), 'utf8')).toMatch(
    /^<!doctype html>[^]*<h1>KL: none, fixed, annealed: fixed, seed 0<\/h1>[^]*<polyline/,
  );
});

it('a file that cannot be written is named, and what was there is kept', async () => {
  expect(await runCli(['export', RUN, '--to', 'html', '--out', at('no/such/run.html')])).toBe(1);
  expect(stderr).toContain('no/such/run.html could not be written');
});

it('draws runs one by one, and runs from elsewhere beside the arms of a comparison', async () => {
  const log = 'src/share/logs/fixtures/trl-trainer-state.json';
  expect(await runCli(['import', log, '--experiment', `${at('aha.json')}`, '--out', at('aha-trl')])).toBe(1);
  expect(await runCli(['import', log, '--experiment', 'aha', '--out', at('aha-trl')])).toBe(0);
  expect(await runCli(['plot', RUN, at('aha-trl'), '--each', '--out', at('both.svg')])).toBe(0);
  for (const name of ['fixed-seed-0', 'aha-trl'])
    expect(readFileSync(at('both.svg'), 'utf8')).toContain(`>${name}<`);

  const compare = ['compare', 'kl', '--runs', RUNS, '--out', at('kl')];
  expect(await runCli(compare)).toBe(0);
  const [alone, verdicts] = reportOf();
  expect(await runCli([...compare, '--beside', at('aha-trl')])).toBe(0);
  const [beside, sameVerdicts] = reportOf();
  expect(beside.filter((line) => !alone.includes(line))).toEqual([expect.stringMatching(/^\| aha-trl \|/)]);
  expect(sameVerdicts).toEqual(verdicts);
});

/** Its lines, and those of them that judge. */
function reportOf(): [string[], string[]] {
  const lines = readFileSync(at('kl/report.md'), 'utf8').split('\n');
  return [lines, lines.filter((line) => /^- /.test(line))];
}
