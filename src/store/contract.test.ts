import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkpoint, commit, folderBackend, indexedDbBackend, rollout, run, type Backend } from './testing';
import { StoreError, type RolloutRecord, type RunStore } from './types';

/** Everything that can be read of run `id`, to compare before and after. */
const everything = async (store: RunStore, id = 'run-1') => ({
  runs: await store.listRuns(),
  metrics: await store.metrics(id),
  rollouts: await store.rollouts(id),
  checkpoint: await store.latestCheckpoint(id),
});

describe.each([
  { name: 'IndexedDB', makeBackend: indexedDbBackend },
  { name: 'a folder', makeBackend: folderBackend },
])('in $name', ({ makeBackend }) => {
  let backend: Backend;
  let store: RunStore;

  beforeEach(async () => {
    backend = makeBackend();
    store = await backend.open();
  });
  afterEach(() => backend.dispose());

  describe('a run', () => {
    it('is there again after a reopen, with all it had', async () => {
      await store.createRun(run());
      await store.commitStep('run-1', commit(0));
      await store.commitStep('run-1', commit(1, { checkpoint: checkpoint(1) }));
      const before = await everything(store);

      const after = await everything(await backend.open());
      expect(after).toEqual(before);
      expect(after.runs).toMatchObject([{ ...run(), step: 1, updatedAt: expect.any(Number) as number }]);
      expect(after.metrics).toEqual([
        { step: 0, reward: 0 },
        { step: 1, reward: 0.1 },
      ]);
      expect(after.rollouts).toEqual([rollout(0), rollout(1)]);
      expect(after.checkpoint).toEqual(checkpoint(1));
    });

    it('can be renamed and marked, and keeps the rest', async () => {
      await store.createRun(run());
      await store.updateRun('run-1', { name: 'Second name', status: 'failed', error: 'device lost' });
      const changed = await (await backend.open()).getRun('run-1');
      expect(changed).toEqual({
        ...run(),
        name: 'Second name',
        status: 'failed',
        error: 'device lost',
        updatedAt: changed?.updatedAt,
      });
      expect(changed?.updatedAt).toBeGreaterThan(1000);

      await store.updateRun('run-1', { error: undefined });
      expect((await store.getRun('run-1'))?.error).toBeUndefined();
    });

    it('can wait in a queue, and belong to comparisons', async () => {
      const comparisons = [
        { id: 'c1', name: 'kl', arm: 'no KL' },
        { id: 'c2', name: 'temperature', arm: 'T 1.0' },
      ];
      await store.createRun(run('run-1', { status: 'queued', adapter: '', comparisons: [comparisons[0]] }));
      await store.updateRun('run-1', { comparisons });
      expect(await (await backend.open()).getRun('run-1')).toMatchObject({ status: 'queued', comparisons });
    });

    it('is deleted with everything that belongs to it', async () => {
      await store.createRun(run());
      await store.commitStep('run-1', commit(1, { checkpoint: checkpoint(1) }));
      await store.commitStep('run-1', commit(2, { checkpoint: checkpoint(2) }));
      await store.deleteRun('run-1');
      expect(await backend.pieces()).toBe(0);
      expect(await everything(await backend.open())).toEqual({
        runs: [],
        metrics: [],
        rollouts: [],
        checkpoint: undefined,
      });
    });

    it('can begin with a step of another run', async () => {
      const parent = { run: 'run-0', step: 7 };
      await store.createRun(run('run-1', { parent }), commit(7, { checkpoint: checkpoint(7) }));
      store = await backend.open();
      expect(await store.getRun('run-1')).toEqual(run('run-1', { parent, step: 7 }));
      expect(await store.metrics('run-1')).toEqual([{ step: 7, reward: 0.7 }]);
      expect(await store.rollouts('run-1')).toEqual([rollout(7)]);
      expect(await store.latestCheckpoint('run-1')).toEqual(checkpoint(7));
    });

    it('is not created twice', async () => {
      await store.createRun(run());
      await store.commitStep('run-1', commit(1));
      await expect(store.createRun(run())).rejects.toThrow(/already.*left as it is.*another/);
      expect((await store.getRun('run-1'))?.step).toBe(1);
    });

    it('that does not exist reads as nothing, is deleted in silence, and is not written to', async () => {
      expect(await store.getRun('run-1')).toBeUndefined();
      expect(await everything(store)).toEqual({ runs: [], metrics: [], rollouts: [], checkpoint: undefined });
      await store.deleteRun('run-1');
      const writes = [
        store.updateRun('run-1', {}),
        store.commitStep('run-1', commit(0)),
        store.truncateAfter('run-1', 0),
      ];
      for (const result of await Promise.allSettled(writes)) {
        expect(result).toMatchObject({
          reason: new StoreError(
            'There is no run "run-1": it was deleted or never stored. Nothing was changed.',
          ),
        });
      }
      expect(await backend.pieces()).toBe(0);
    });
  });

  describe('a committed step', () => {
    beforeEach(() => store.createRun(run()));

    it('keeps metrics in order, with NaN and infinities', async () => {
      for (const step of [0, 1, 2, 9, 10, 11]) await store.commitStep('run-1', commit(step));
      await store.commitStep('run-1', {
        metrics: { step: 100, loss: NaN, grad_norm: Infinity, low: -Infinity },
      });
      const metrics = await store.metrics('run-1');
      expect(metrics.map((m) => m.step)).toEqual([0, 1, 2, 9, 10, 11, 100]);
      expect(metrics.at(-1)).toEqual({ step: 100, loss: NaN, grad_norm: Infinity, low: -Infinity });
    });

    it('gives its rollouts by step and kind', async () => {
      await store.commitStep(
        'run-1',
        commit(1, { rollouts: [rollout(1, 'watch'), rollout(1, 'train', 'a'), rollout(1, 'train', 'b')] }),
      );
      await store.commitStep('run-1', { metrics: { step: 2 } });
      await store.commitStep('run-1', commit(10, { rollouts: [rollout(10), rollout(10, 'watch')] }));
      const texts = async (filter?: { step?: number; kind?: RolloutRecord['kind'] }) =>
        (await store.rollouts('run-1', filter)).map((r) => r.response);
      expect(await texts()).toEqual(['a', 'b', 'watch 1', 'train 10', 'watch 10']);
      expect(await texts({ step: 1 })).toEqual(['a', 'b', 'watch 1']);
      expect(await texts({ kind: 'watch' })).toEqual(['watch 1', 'watch 10']);
      expect(await texts({ step: 10, kind: 'train' })).toEqual(['train 10']);
      expect(await texts({ step: 2 })).toEqual([]);
    });

    it('may be committed again: its metrics are replaced, its rollouts and checkpoint added', async () => {
      await store.commitStep('run-1', commit(1));
      await store.commitStep('run-1', {
        metrics: { step: 1, reward: 7 },
        rollouts: [rollout(1, 'train', 'more')],
        checkpoint: checkpoint(1),
      });
      expect(await store.metrics('run-1')).toEqual([{ step: 1, reward: 7 }]);
      expect((await store.rollouts('run-1')).map((r) => r.response)).toEqual(['train 1', 'more']);
      expect(await store.latestCheckpoint('run-1')).toEqual(checkpoint(1));
    });

    it.each([
      ['an earlier step', commit(2), /step 3 already is/],
      ['a step that is no step', commit(NaN), /whole number/],
      ['rollouts of another step', commit(4, { rollouts: [rollout(3)] }), /rollouts of another step/],
      ['the checkpoint of another step', commit(4, { checkpoint: checkpoint(3) }), /checkpoint of step 3/],
      [
        'a counter that is no number',
        commit(4, { checkpoint: { ...checkpoint(4), counters: { tokens: NaN } } }),
        /"tokens" is NaN/,
      ],
    ])('is refused with %s', async (_what, wrong, message) => {
      await store.commitStep('run-1', commit(3, { checkpoint: checkpoint(3) }));
      const before = await everything(store);
      await expect(store.commitStep('run-1', wrong)).rejects.toThrow(StoreError);
      await expect(store.commitStep('run-1', wrong)).rejects.toThrow(message);
      expect(await everything(await backend.open())).toEqual(before);
    });

    it('that fails half-way leaves the state before it, says so, and does not stand in the way of the next', async () => {
      await store.commitStep('run-1', commit(1, { checkpoint: checkpoint(1) }));
      const before = await everything(store);
      const pieces = await backend.pieces();
      const broken = Object.defineProperty(rollout(2), 'response', {
        enumerable: true,
        get: () => {
          throw new Error('no text');
        },
      });
      const attempt = store.commitStep(
        'run-1',
        commit(2, { rollouts: [rollout(2), broken], checkpoint: checkpoint(2) }),
      );
      await expect(attempt).rejects.toThrow(
        /step 2: .*Nothing of it was stored. Everything up to step 1 is kept; the newest checkpoint is of step 1/,
      );
      expect(await everything(await backend.open())).toEqual(before);

      await store.commitStep('run-1', commit(2, { checkpoint: checkpoint(2) }));
      expect(await store.latestCheckpoint('run-1')).toEqual(checkpoint(2));
      await store.truncateAfter('run-1', 1);
      expect(await backend.pieces()).toBe(pieces);
    });

    it('comes whole and in order when several are committed at once', async () => {
      const big = commit(1, { checkpoint: checkpoint(1, 3000) });
      const commits = [big, commit(2), commit(3, { checkpoint: checkpoint(3) }), commit(4)];
      await Promise.all(commits.map((c) => store.commitStep('run-1', c)));
      expect((await store.metrics('run-1')).map((m) => m.step)).toEqual([1, 2, 3, 4]);
      expect(await store.rollouts('run-1')).toHaveLength(4);
      expect(await store.latestCheckpoint('run-1')).toEqual(checkpoint(3));
    });
  });

  describe('a checkpoint', () => {
    beforeEach(() => store.createRun(run()));

    it('comes back bit for bit, over many chunks and any bits', async () => {
      const length = 5000;
      const bits = Uint32Array.from({ length }, (_, i) => Math.imul(i, 2654435761) >>> 0);
      const wide = new Float32Array(bits.buffer);
      await store.commitStep(
        'run-1',
        commit(1, {
          checkpoint: { step: 1, arrays: { whole: wide, part: wide.subarray(7, 4000) }, counters: {} },
        }),
      );
      const loaded = (await (await backend.open()).latestCheckpoint('run-1'))?.arrays;
      expect(new Uint32Array(loaded!.whole.buffer)).toEqual(bits);
      expect(new Uint32Array(loaded!.part.buffer)).toEqual(bits.slice(7, 4000));
    });

    it('and the one before it are kept, no more', async () => {
      await store.commitStep('run-1', commit(1, { checkpoint: checkpoint(1) }));
      await store.commitStep('run-1', commit(2, { checkpoint: checkpoint(2) }));
      const pieces = await backend.pieces();
      await store.commitStep('run-1', { metrics: { step: 2 }, checkpoint: checkpoint(2) });
      await store.commitStep('run-1', { metrics: { step: 2 }, checkpoint: checkpoint(2) });
      expect(await backend.pieces()).toBe(pieces);
    });

    it('is kept for good when it is the best, or of a step that was asked for', async () => {
      await store.updateRun('run-1', { keepEvery: 4 });
      const scores = [0.1, 0.2, 0.9, 0.4, 0.5, 0.6, 0.7, 0.8, 0.3];
      for (const [step, score] of scores.entries())
        await store.commitStep('run-1', {
          metrics: { step, 'eval/greedy/accuracy': score },
          checkpoint: checkpoint(step),
        });
      expect((await store.checkpoints('run-1')).map(({ step, score }) => [step, score])).toEqual([
        [0, 0.1],
        [2, 0.9],
        [4, 0.5],
        [7, 0.8],
        [8, 0.3],
      ]);
      store = await backend.open();
      expect(await store.checkpointAt('run-1', 2)).toEqual(checkpoint(2));
      expect(await store.checkpointAt('run-1', 3)).toBeUndefined();
      expect(await store.latestCheckpoint('run-1')).toEqual(checkpoint(8));

      const before = await store.usage('run-1');
      await store.pruneCheckpoints('run-1', [4]);
      expect((await store.checkpoints('run-1')).map(({ step }) => step)).toEqual([4, 8]);
      const bytes = (await store.checkpoints('run-1'))[0].bytes;
      expect(await store.usage('run-1')).toEqual({ ...before, checkpoints: 2 * bytes });
      expect(bytes).toBe(301 * 4);
      expect(await store.metrics('run-1')).toHaveLength(9);
    });

    it('of a step that was committed without one can be added, of no later step', async () => {
      for (const step of [1, 2, 3]) await store.commitStep('run-1', commit(step));
      await store.keepCheckpoint('run-1', checkpoint(2));
      await expect(store.keepCheckpoint('run-1', checkpoint(4))).rejects.toThrow(/is at step 3/);
      expect(await store.getRun('run-1')).toMatchObject({ step: 3 });
      expect(await store.latestCheckpoint('run-1')).toEqual(checkpoint(2));
      expect(await store.metrics('run-1')).toHaveLength(3);
    });

    it('that is asked for by its step and damaged is refused', async () => {
      await store.commitStep('run-1', commit(5, { checkpoint: checkpoint(5) }));
      await backend.damageCheckpoint(0);
      await expect(store.checkpointAt('run-1', 5)).rejects.toThrow(/step 5 cannot be used/);
    });

    it('that is damaged gives way to the one before it, with a warning', async () => {
      await store.commitStep('run-1', commit(5, { checkpoint: checkpoint(5) }));
      await store.commitStep('run-1', commit(10, { checkpoint: checkpoint(10) }));
      await backend.damageCheckpoint(0);
      expect(await store.latestCheckpoint('run-1')).toEqual({
        ...checkpoint(5),
        warning:
          'The checkpoint of step 10 cannot be used: bytes 64 to 128 of "params" do not match their hash. ' +
          'The checkpoint of step 5 before it is intact and is used instead.',
      });
    });

    it('is read in parts where it lies, and only what is asked for has to be sound', async () => {
      await store.commitStep('run-1', commit(5, { checkpoint: checkpoint(5) }));
      await store.commitStep('run-1', commit(10, { checkpoint: checkpoint(10) }));
      const { arrays, counters } = checkpoint(10);
      const opened = (await store.openCheckpoint('run-1', ['params', 'no such']))!;
      const lengths = Object.fromEntries(Object.entries(arrays).map(([name, { length }]) => [name, length]));
      expect(opened).toMatchObject({ step: 10, counters, lengths });
      for (const [name, { length }] of Object.entries(arrays))
        for (const [begin, end] of [
          [0, length],
          [0, Math.min(1, length)],
          [length >> 1, length],
          [Math.min(3, length), Math.min(40, length)],
        ])
          expect(await opened.read(name, begin, end)).toEqual(arrays[name].slice(begin, end));

      await backend.damageCheckpoint(0);
      await expect(opened.read('params', 0, arrays.params.length)).rejects.toThrow(StoreError);
      expect(await store.openCheckpoint('run-1', ['adam_m'])).toMatchObject({ step: 10 });
      const before = (await store.openCheckpoint('run-1', ['params']))!;
      expect(before.step).toBe(5);
      expect(before.warning).toMatch(/step 10 cannot be used/);
      expect(await before.read('params', 0, arrays.params.length)).toEqual(checkpoint(5).arrays.params);
      await store.createRun({ ...run(), id: 'run-2' }).catch(() => undefined);
      expect(await store.openCheckpoint('run-2', ['params'])).toBeUndefined();
    });

    it('is refused when the one before it is damaged too', async () => {
      await store.commitStep('run-1', commit(5, { checkpoint: checkpoint(5) }));
      await store.commitStep('run-1', commit(10, { checkpoint: checkpoint(10) }));
      await backend.damageCheckpoint(0);
      await backend.damageCheckpoint(1);
      await expect(store.latestCheckpoint('run-1')).rejects.toThrow(StoreError);
      await expect(store.latestCheckpoint('run-1')).rejects.toThrow(
        /step 10 cannot be used.*step 5 cannot be used.*metrics and rollouts are kept/,
      );
      expect(await store.metrics('run-1')).toHaveLength(2);
    });
  });

  describe('going back to a checkpoint', () => {
    it('drops what came after it, and the run goes on from there', async () => {
      await store.createRun(run());
      for (const step of [0, 1, 2, 3, 4]) {
        const rollouts = [rollout(step), rollout(step, 'watch')];
        await store.commitStep(
          'run-1',
          commit(step, { rollouts, checkpoint: step % 2 === 0 ? checkpoint(step) : undefined }),
        );
      }
      await backend.damageCheckpoint(0);
      await store.truncateAfter('run-1', 2);
      store = await backend.open();
      expect((await store.getRun('run-1'))?.step).toBe(2);
      expect((await store.metrics('run-1')).map((m) => m.step)).toEqual([0, 1, 2]);
      expect((await store.rollouts('run-1')).map((r) => r.step)).toEqual([0, 0, 1, 1, 2, 2]);
      expect(await store.latestCheckpoint('run-1')).toEqual(checkpoint(2));

      await store.commitStep(
        'run-1',
        commit(3, { rollouts: [rollout(3, 'train', 'second time')], checkpoint: checkpoint(3) }),
      );
      expect((await store.rollouts('run-1', { step: 3 })).map((r) => r.response)).toEqual(['second time']);
      await backend.damageCheckpoint(0);
      expect(await store.latestCheckpoint('run-1')).toMatchObject(checkpoint(2));
    });

    it('to a step that was never reached changes nothing', async () => {
      await store.createRun(run());
      await store.commitStep('run-1', commit(2, { checkpoint: checkpoint(2) }));
      await store.truncateAfter('run-1', 7);
      expect(await everything(store)).toMatchObject({
        runs: [{ step: 2 }],
        metrics: [{ step: 2 }],
        checkpoint: checkpoint(2),
      });
    });
  });

  it.each(['__proto__', '../x', '/', 'constructor', '', 'NaN', 'a\u2028b\n\0\ud800'])(
    'takes %j as a name like any other',
    async (name) => {
      const named = <T>(value: T): Record<string, T> => Object.fromEntries([[name, value]]);
      await store.createRun(run(name, { name, experiment: named('x') }));
      await store.commitStep(name, {
        metrics: { ...named(4), step: 1 },
        rollouts: [{ ...rollout(1, 'train', name), rewards: named(5) }],
        checkpoint: { step: 1, arrays: named(Float32Array.of(6)), counters: named(7) },
      });
      store = await backend.open();
      expect(await store.getRun(name)).toMatchObject({ id: name, name });
      expect(Object.entries((await store.getRun(name))?.experiment as object)).toEqual([[name, 'x']]);
      expect(Object.entries((await store.metrics(name))[0])).toContainEqual([name, 4]);
      const [back] = await store.rollouts(name);
      expect([back.response, Object.entries(back.rewards)]).toEqual([name, [[name, 5]]]);
      const loaded = await store.latestCheckpoint(name);
      expect(Object.entries(loaded!.arrays)).toEqual([[name, Float32Array.of(6)]]);
      expect(Object.entries(loaded!.counters)).toEqual([[name, 7]]);
      expect(Object.keys(Object.prototype)).toEqual([]);
      await store.deleteRun(name);
      expect(await backend.pieces()).toBe(0);
    },
  );
});
