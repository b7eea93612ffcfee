import { spawn } from 'node:child_process';
import { appendFile, mkdir, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'vite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Random } from '../random';
import { FolderStore } from './folder';
import { checkpoint, commit, folderBackend, rollout, run } from './testing';
import { StoreError } from './types';

let backend: ReturnType<typeof folderBackend>;
let store: FolderStore;
let dir: string;

beforeEach(async () => {
  backend = folderBackend();
  dir = await backend.dir();
  store = new FolderStore(dir);
});
afterEach(() => backend.dispose());

const refused = async (attempt: Promise<unknown>, message: RegExp) => {
  const error: unknown = await attempt.then(
    () => 'no error',
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(StoreError);
  expect((error as Error).message).toMatch(message);
};

describe('a folder', () => {
  it('holds plain files: one JSON document and two JSONL files', async () => {
    await store.createRun(run());
    await store.commitStep(
      'run-1',
      commit(1, { rollouts: [rollout(1), rollout(1, 'watch')], checkpoint: checkpoint(1) }),
    );
    expect((await readdir(dir)).sort()).toEqual([
      'checkpoints',
      'metrics.jsonl',
      'rollouts.jsonl',
      'run.json',
    ]);
    expect(await readFile(join(dir, 'metrics.jsonl'), 'utf8')).toBe('{"step":1,"reward":0.1}\n');
    expect((await readFile(join(dir, 'rollouts.jsonl'), 'utf8')).split('\n')).toHaveLength(3);
    expect(JSON.parse(await readFile(join(dir, 'run.json'), 'utf8'))).toMatchObject({
      version: 1,
      run: { id: 'run-1', step: 1 },
    });
    const arrays = await readFile(join(dir, 'checkpoints', '1-step-1', 'arrays.bin'));
    expect(arrays.readFloatLE(4)).toBe(checkpoint(1).arrays.params[1]);
    expect(await store.run()).toEqual(await store.getRun('run-1'));
  });

  it('that is empty or missing holds no run', async () => {
    await refused(store.run(), /holds no run/);
    await mkdir(dir);
    await refused(store.run(), /holds no run/);
    expect(await store.listRuns()).toEqual([]);
  });

  it('with other files is neither read nor written, nor is a file', async () => {
    await mkdir(dir);
    await writeFile(join(dir, 'thesis.tex'), 'text');
    for (const attempt of [() => store.run(), () => store.createRun(run()), () => store.listRuns()]) {
      await refused(attempt(), /not empty and not the folder of a run.*Nothing was changed/);
    }
    expect(await readdir(dir)).toEqual(['thesis.tex']);
    await refused(
      new FolderStore(join(dir, 'thesis.tex')).createRun(run()),
      /ENOTDIR.*Choose another folder/,
    );
  });

  it('with a run takes no second one, whatever its id', async () => {
    await store.createRun(run());
    await refused(
      store.createRun(run('run-2')),
      /already holds the run "Aha", at step 0.*Continue it, or choose another folder/,
    );
    expect(await store.getRun('run-2')).toBeUndefined();
  });

  it.each([
    [
      'of another version',
      '{"version":2,"anything":true}',
      /version 2, and this lab reads version 1.*Nothing was changed/,
    ],
    ['that is no JSON', '{"version":1,', /run\.json is not JSON/],
    ['with something missing', '{"version":1,"run":{}}', /not the head of a run \(run\.id/],
    ['that is no object', 'null', /not the head of a run/],
    [
      'with a path for a checkpoint',
      JSON.stringify({
        version: 1,
        run: run(),
        committed: { metrics: 0, rollouts: 0 },
        checkpoints: [{ generation: '../..', step: 1 }],
      }),
      /checkpoints\.0\.generation/,
    ],
  ])('with a run.json %s is refused', async (_what, text, message) => {
    await mkdir(dir);
    await writeFile(join(dir, 'run.json'), text);
    await refused(store.run(), message);
    await refused(store.createRun(run()), message);
    expect(await readFile(join(dir, 'run.json'), 'utf8')).toBe(text);
  });

  it('keeps what the lab did not write when its run is deleted', async () => {
    await store.createRun(run());
    await store.commitStep('run-1', commit(1, { checkpoint: checkpoint(1) }));
    await writeFile(join(dir, 'notes.md'), 'mine');
    await store.deleteRun('run-1');
    expect(await readdir(dir)).toEqual(['notes.md']);
  });
});

describe('files changed from outside', () => {
  beforeEach(async () => {
    await store.createRun(run());
    for (const step of [1, 2, 3])
      await store.commitStep('run-1', commit(step, { checkpoint: checkpoint(step) }));
  });
  const steps = async () => (await store.metrics('run-1')).map((m) => m.step);

  it('leftovers of a killed commit are not read, and the next commit clears them away', async () => {
    await appendFile(join(dir, 'metrics.jsonl'), '{"step":4,"reward":0.4}\n{"step":5,"rew');
    await appendFile(join(dir, 'rollouts.jsonl'), JSON.stringify(rollout(4)) + '\n{"st');
    await mkdir(join(dir, 'checkpoints', '4-step-4.tmp'));
    await mkdir(join(dir, 'checkpoints', '4-step-5'));
    await writeFile(join(dir, 'run.json.tmp'), '{"version":1,"ru');
    expect(await steps()).toEqual([1, 2, 3]);
    expect(await store.rollouts('run-1')).toHaveLength(3);
    expect(await store.latestCheckpoint('run-1')).toEqual(checkpoint(3));

    await store.commitStep('run-1', commit(4, { checkpoint: checkpoint(4) }));
    expect(await steps()).toEqual([1, 2, 3, 4]);
    expect((await store.rollouts('run-1')).map((r) => r.step)).toEqual([1, 2, 3, 4]);
    expect(await readdir(join(dir, 'checkpoints'))).toEqual(['3-step-3', '4-step-4']);
  });

  it('a file cut short gives its whole lines, and the run goes on after them', async () => {
    await truncate(join(dir, 'metrics.jsonl'), 30);
    await rm(join(dir, 'rollouts.jsonl'));
    expect(await steps()).toEqual([1]);
    expect(await store.rollouts('run-1')).toEqual([]);
    await store.commitStep('run-1', commit(4));
    expect(await steps()).toEqual([1, 4]);
    expect(await store.rollouts('run-1')).toEqual([rollout(4)]);
  });

  it.each(['nonsense', '[]', 'null', '{"step":"two"}', '{}', '{"step":1,"__proto__":[]}'])(
    'the line %s is named, not guessed at',
    async (line) => {
      const text = await readFile(join(dir, 'metrics.jsonl'), 'utf8');
      const second = text.split('\n')[1];
      await writeFile(join(dir, 'metrics.jsonl'), text.replace(second, line.padEnd(second.length)));
      await writeFile(join(dir, 'rollouts.jsonl'), line.padEnd(900) + '\n');
      await refused(store.metrics('run-1'), /Line 2 of .*metrics\.jsonl is not what the lab writes there/);
    },
  );

  it.each(['manifest.json', 'arrays.bin'])(
    'a checkpoint whose %s is cut or gone gives way to the one before',
    async (name) => {
      const file = join(dir, 'checkpoints', '3-step-3', name);
      await truncate(file, 200);
      expect(await store.latestCheckpoint('run-1')).toMatchObject({
        step: 2,
        warning: expect.stringContaining('step 3 cannot be used') as string,
      });
      await rm(file);
      expect(await store.latestCheckpoint('run-1')).toMatchObject(checkpoint(2));
    },
  );

  it('a changed counter is noticed', async () => {
    const file = join(dir, 'checkpoints', '3-step-3', 'manifest.json');
    await writeFile(
      file,
      (await readFile(file, 'utf8')).replace('["optimizer_step",3]', '["optimizer_step",4]'),
    );
    expect((await store.latestCheckpoint('run-1'))?.warning).toMatch(/its manifest is damaged/);
  });
});

/** Goes on with the run from its last checkpoint, tells of every step it has committed, and never ends. */
const CHILD = `
  import { FolderStore } from './folder.js';
  const store = new FolderStore(process.argv[2], { chunkBytes: 2 ** 16 });
  const from = (await store.latestCheckpoint('run-1'))?.step ?? 0;
  await store.truncateAfter('run-1', from);
  for (let step = from + 1; ; step++) {
    const rollouts = Array.from({ length: 200 }, (_, n) => ({ ...${JSON.stringify(rollout(0))}, step, length: n }));
    const arrays = { params: new Float32Array(200_000).fill(step) };
    await store.commitStep('run-1', {
      metrics: { step, reward: step },
      rollouts,
      checkpoint: step % 2 ? undefined : { step, arrays, counters: { step } },
    });
    console.log(step);
  }
`;

describe('a process killed at any moment', () => {
  it('leaves every step it reported, whole, and nothing else', { timeout: 120_000 }, async () => {
    const seed = 20;
    const random = new Random(seed);
    const program = join(dir, '..');
    await build({
      configFile: false,
      logLevel: 'error',
      ssr: { noExternal: true },
      build: {
        ssr: join(import.meta.dirname, 'folder.ts'),
        outDir: program,
        emptyOutDir: false,
        rollupOptions: { output: { entryFileNames: 'folder.js' } },
      },
    });
    await writeFile(join(program, 'child.js'), CHILD);
    await writeFile(join(program, 'package.json'), '{"type":"module"}');
    await store.createRun(run());

    for (let kill = 0; kill < 12; kill++) {
      const reported = await runAndKill(join(program, 'child.js'), random.range(1, 4), random.next() * 30);
      const { step } = await store.run();
      const context = `seed ${seed}, kill ${kill}, reported ${reported}, found ${step}`;
      expect(step, context).toBeGreaterThanOrEqual(reported);
      expect(step, context).toBeLessThanOrEqual(reported + 1);
      expect(await store.metrics('run-1'), context).toEqual(
        Array.from({ length: step }, (_, i) => ({ step: i + 1, reward: i + 1 })),
      );
      const rollouts = await store.rollouts('run-1');
      expect(
        rollouts.map((r) => [r.step, r.length]),
        context,
      ).toEqual(Array.from({ length: step * 200 }, (_, i) => [Math.floor(i / 200) + 1, i % 200]));
      const last = step - (step % 2);
      const loaded = await store.latestCheckpoint('run-1');
      expect(loaded?.warning, context).toBeUndefined();
      expect(loaded?.counters, context).toEqual(last === 0 ? undefined : { step: last });
      expect(loaded?.arrays.params.every((value) => value === last) ?? true, context).toBe(true);
    }
  });
});

/** Waits until the child has reported `steps` steps and some milliseconds more, kills it, and returns the last one reported. */
async function runAndKill(program: string, steps: number, delay: number): Promise<number> {
  const child = spawn(process.execPath, [program, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
  let reported = 0;
  let lines = 0;
  for await (const line of createInterface(child.stdout)) {
    reported = Number(line);
    if (++lines === steps) setTimeout(() => child.kill('SIGKILL'), delay);
  }
  if (lines < steps) throw new Error(`The child ended by itself after ${lines} steps.`);
  return reported;
}
