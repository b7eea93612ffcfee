/** A headless run that is killed outright again and again: it loses no committed step, and ends bit-equal to one in a piece. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, test } from 'vitest';
import { isTiming } from '../src/lab/metrics';
import { Random } from '../src/random';
import { FolderStore } from '../src/store/folder';

const KILLS = 3;
const SEED = Number(process.env.KILL_SEED ?? 6);
const STEPS = 6;
const root = join(import.meta.dirname, '..');
const temporary = mkdtempSync(join(tmpdir(), 'lab-kill-'));
afterAll(() => rmSync(temporary, { recursive: true }));

const document = join(temporary, 'experiment.json');
writeFileSync(
  document,
  JSON.stringify({
    rollout: { queries_per_step: 2, num_generations: 8, max_completion_length: 24 },
    schedule: { max_steps: STEPS, eval_steps: 2, save_steps: 2 },
    evaluation: { problems: 4 },
  }),
);

/**
 * Runs a command of the lab; SIGKILL once it has told of `steps` steps and `delay` ms have passed.
 * @returns the last step it told of; undefined when it came to its end
 */
async function lab(args: string[], kill?: { steps: number; delay: number }): Promise<number | undefined> {
  const child = spawn(process.execPath, [join(root, 'src/cli/lab.mjs'), ...args, '--json'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (text) => (errors += String(text)));
  const ended = new Promise<NodeJS.Signals | null>((resolve) => {
    child.on('close', (code, signal) => {
      if (code) errors += `exit code ${code}`;
      resolve(signal);
    });
  });
  const killSoon = () => kill && setTimeout(() => child.kill('SIGKILL'), kill.delay);
  let told = -1;
  let count = 0;
  if (kill?.steps === 0) killSoon();
  for await (const line of createInterface(child.stdout)) {
    const { step } = JSON.parse(line) as { step?: number };
    if (step === undefined) continue;
    told = Math.max(told, step);
    if (++count === kill?.steps) killSoon();
  }
  if ((await ended) === 'SIGKILL') return told;
  expect(told, errors).toBe(STEPS);
  return undefined;
}

/** Everything of a run that must not depend on interruptions. */
async function outcome(dir: string) {
  const store = new FolderStore(dir);
  const { id, status, step } = await store.run();
  const metrics = (await store.metrics(id)).map((line) =>
    Object.fromEntries(Object.entries(line).filter(([name]) => !isTiming(name))),
  );
  const rollouts = await store.rollouts(id);
  return { status, step, metrics, rollouts, checkpoint: await store.latestCheckpoint(id) };
}

test(
  `a process killed ${KILLS} times`,
  async () => {
    const random = new Random(SEED);
    const dirs = { whole: join(temporary, 'whole'), killed: join(temporary, 'killed 0') };
    expect(await lab(['run', document, '--out', dirs.whole])).toBeUndefined();
    const expected = await outcome(dirs.whole);
    expect(expected).toMatchObject({ status: 'finished', step: STEPS, checkpoint: { step: STEPS } });
    expect(expected.metrics.some(({ grad_norm: norm }) => norm > 0)).toBe(true);

    let command = ['run', document, '--out', dirs.killed];
    let isNew = true;
    for (let kill = 0; kill < KILLS; kill++) {
      const moment = { steps: 1 + random.int(3), delay: random.next() * 300 };
      const told = await lab(command, moment);
      const context = `seed ${SEED}, kill ${kill} ${told === undefined ? 'came too late' : `at step ${told} + ${Math.round(moment.delay)} ms`}`;
      const found = await outcome(dirs.killed);
      expect(found.step, context).toBeGreaterThanOrEqual(told ?? STEPS);
      expect(found.metrics, context).toEqual(expected.metrics.slice(0, found.metrics.length));
      expect(found.rollouts, context).toEqual(expected.rollouts.filter((r) => r.step <= found.step));
      isNew = found.status === 'finished';
      if (!isNew) {
        command = ['resume', dirs.killed];
        continue;
      }
      expect(found, context).toEqual(expected);
      dirs.killed = join(temporary, `killed ${kill + 1}`);
      command = ['run', document, '--out', dirs.killed];
    }
    expect(await lab(command)).toBeUndefined();
    expect(await outcome(dirs.killed)).toEqual(expected);
    const [model, other] = [dirs.whole, dirs.killed].map((dir) =>
      readFileSync(join(dir, 'model/model.safetensors')),
    );
    expect(other.equals(model)).toBe(true);
  },
  20 * 60_000,
);
