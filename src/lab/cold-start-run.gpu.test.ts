/** Runs that begin with SFT on demonstrations, on a GPU: their steps, and how they rest and go on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunControl } from './control';
import type { LabEvent } from './protocol';
import type { ExperimentInput } from './schema';
import { TestRuns, type Run } from './test-runs';
import { statuses, stepOf } from './testing';

const ROLLOUT = { queries_per_step: 2, num_generations: 4, max_completion_length: 24 };

let runs: TestRuns;
beforeAll(async () => {
  runs = await TestRuns.open({
    seed: 1,
    rollout: ROLLOUT,
    optimizer: { learning_rate: 1e-3 },
    evaluation: { problems: 6 },
  });
});
afterAll(() => runs.close());

const SFT_STEPS = 3;
/** Demonstrations of the task or of the policy itself, and KL to the model after SFT. */
const coldStart = (source: 'mixed' | 'rejection'): ExperimentInput => ({
  sft: { steps: SFT_STEPS, source, examples: 12, batch_size: 4, warmup_steps: 2, learning_rate: 1e-3 },
  rollout: { ...ROLLOUT, max_completion_length: source === 'mixed' ? 192 : 24 },
  kl: { schedule: 'linear', beta: 0.1 },
  schedule: { max_steps: 2, eval_steps: 1, save_steps: 2 },
});

describe.each(['mixed', 'rejection'] as const)('on %s demonstrations', (source) => {
  let run: Run;
  let events: LabEvent[];
  beforeAll(async () => {
    run = await runs.create(coldStart(source));
    events = (await runs.go(run)).events;
  });

  it('has SFT steps, an evaluation, and RL steps that begin anew', async () => {
    expect(await runs.store.getRun(run.id)).toMatchObject({ status: 'finished', step: 5 });
    expect(events.findLast((event) => event.type === 'run-status')).toMatchObject({ step: 5, maxSteps: 5 });
    const [start, ...lines] = await runs.store.metrics(run.id);
    expect('eval/greedy/accuracy' in start).toBe(true);
    const sft = lines.slice(0, SFT_STEPS);
    const rl = lines.slice(SFT_STEPS);
    expect(lines.map((line) => 'eval/greedy/accuracy' in line)).toEqual([false, false, true, true, true]);
    expect(sft.map((line) => line.learning_rate)).toEqual([5e-4, 1e-3, 1e-3]);
    expect(sft[0]).toMatchObject({ 'sft/examples': 12 });
    for (const line of sft) {
      expect(line['sft/loss']).toBeGreaterThan(0);
      expect(line['sft/token_accuracy']).toBeLessThanOrEqual(1);
      expect(line.grad_norm).toBeGreaterThan(0);
      expect(Object.keys(line).some((name) => name === 'reward' || name === 'kl')).toBe(false);
    }
    if (source === 'mixed') expect(sft[2]['sft/loss']).toBeLessThan(sft[0]['sft/loss']);
    expect(lines.map((line) => line.num_tokens)).toEqual(
      lines.map((line) => line.num_tokens).toSorted((a, b) => a - b),
    );
    expect(rl.map((line) => line.learning_rate)).toEqual([1e-3 / 3, 2e-3 / 3]);
    expect(rl.map((line) => line['actor/kl_coef'])).toEqual([0.1, 0.05]);
    // The reference is the model that RL starts from.
    expect(rl[0].kl).toBe(0);
    expect((await runs.store.rollouts(run.id, { kind: 'train' })).map((r) => r.step)).toEqual(
      [4, 5].flatMap((step) => Array.from({ length: 8 }, () => step)),
    );
    const { counters, arrays } = (await runs.store.latestCheckpoint(run.id))!;
    expect(counters.optimizer_step).toBe(2);
    expect(Object.keys(arrays).filter((name) => name.startsWith('sft_'))).toEqual([]);
  });

  it('is the same again with the same seed', async () => {
    const again = await runs.create(coldStart(source));
    await runs.go(again);
    expect(await runs.outcome(again)).toEqual(await runs.outcome(run));
  });

  it.each([
    ['after an SFT step', (event: LabEvent) => stepOf(event) === 1],
    [
      'while it samples demonstrations, or updates on them',
      (event: LabEvent) =>
        event.type === 'progress' &&
        event.step === 1 &&
        event.phase === (source === 'rejection' ? 'sampling' : 'updating'),
    ],
    ['after the last SFT step', (event: LabEvent) => stepOf(event) === SFT_STEPS],
  ])('goes on after a stop %s as if there had been none', async (_, isMoment) => {
    const stopped = await runs.create(coldStart(source));
    const control = new RunControl();
    const first = await runs.go(stopped, { control, on: (event) => isMoment(event) && control.stop() });
    expect(first.status).toBe('stopped');
    expect((await runs.store.getRun(stopped.id))!.step).toBeLessThanOrEqual(SFT_STEPS);
    expect((await runs.go(stopped)).status).toBe('finished');
    expect(await runs.outcome(stopped)).toEqual(await runs.outcome(run));
  });
});

it('rests while it is paused in SFT, and comes out the same', async () => {
  const [run, paused] = [
    await runs.create(coldStart('rejection')),
    await runs.create(coldStart('rejection')),
  ];
  await runs.go(run);
  const control = new RunControl();
  const { events } = await runs.go(paused, {
    control,
    on: (event) => {
      if (stepOf(event) === 2) control.pause();
      if (event.type === 'run-status' && event.status === 'paused')
        void runs.gpu.settle().then(() => control.unpause());
    },
  });
  expect(statuses(events)).toEqual(['running', 'paused', 'running', 'finished']);
  expect(await runs.outcome(paused)).toEqual(await runs.outcome(run));
});

it('fails with a reason when no demonstration fits', async () => {
  const run = await runs.create({
    ...coldStart('mixed'),
    rollout: { ...ROLLOUT, max_completion_length: 8 },
  });
  await expect(runs.go(run)).rejects.toThrow('All 12 demonstrations are longer than 24 tokens');
  expect(await runs.store.getRun(run.id)).toMatchObject({ status: 'failed', step: 0 });
});
