import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { forkRun } from '../lab/fork';
import { parseExperiment } from '../lab/schema';
import { FolderStore } from '../store/folder';
import { checkpoint, run } from '../store/testing';
import { runCli } from './program';

const folder = mkdtempSync(join(tmpdir(), 'lab-plot-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

it('a fork in a folder carries its parent’s curves, and is drawn over them when the parent is gone', async () => {
  const experiment = parseExperiment({ name: 'parent', schedule: { max_steps: 8 } });
  const parent = new FolderStore(at('parent'));
  await parent.createRun(run('p', { name: 'parent', experiment }));
  for (const step of [0, 1, 2, 3, 4])
    await parent.commitStep('p', {
      metrics: { step, entropy: 1 / (step + 1) },
      checkpoint: checkpoint(step),
    });
  const into = new FolderStore(at('fork'));
  await forkRun(parent, await parent.run(), 3, experiment, { into });
  await parent.deleteRun('p');
  const fork = await into.run();
  await into.commitStep(fork.id, { metrics: { step: 4, entropy: 0.1 } });

  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(await runCli(['plot', at('fork'), '--out', at('alone.svg')])).toBe(0);
  expect(await runCli(['plot', at('fork'), '--behind', '--out', at('both.svg')])).toBe(0);
  const [alone, both] = ['alone.svg', 'both.svg'].map((name) => readFileSync(at(name), 'utf8'));
  expect(alone).not.toContain('behind');
  for (const curve of ['behind fork', 'fork']) expect(both).toContain(`>${curve}<`);
  expect((await into.run()).reference).toHaveLength(5);
});
