/** Training on a person's own reward: what is learnt from is what the function says of the stored responses. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Gpu } from '../../gpu/device';
import { sharedGpu } from '../../gpu/testing';
import type { RewardInput } from '../../rl/reward';
import { tinyDirectory } from '../../rl/testing';
import { IndexedDbStore } from '../../store';
import { runExperiment } from '../runner';
import { parseExperiment } from '../schema';
import { openCustomReward } from './custom-reward';
import { rewardInputs } from './inputs';

const WEIGHT = 2;
let gpu: Gpu;
let store: IndexedDbStore;
beforeAll(async () => {
  gpu = await sharedGpu();
  store = new IndexedDbStore({ name: `own reward test ${Date.now()}` });
});
afterAll(async () => {
  await store.close();
});

/** Two steps of eight responses that earn nothing but the own reward. */
async function train(id: string, custom_code: string) {
  const experiment = parseExperiment({
    seed: 1,
    rollout: { queries_per_step: 2, num_generations: 4, max_completion_length: 24 },
    reward: { output: 0, custom: WEIGHT, custom_code },
    optimizer: { learning_rate: 1e-3 },
    schedule: { max_steps: 2, eval_steps: 2 },
    evaluation: { problems: 4 },
  });
  const record = { id, name: id, experiment, status: 'running', step: 0, adapter: 'test' } as const;
  await store.createRun({ ...record, createdAt: 1, updatedAt: 1 });
  const model = tinyDirectory(5);
  try {
    await runExperiment({ gpu, runId: id, experiment, model, store, emit: () => undefined });
  } finally {
    await gpu.settle();
    expect(gpu.allocatedBytes).toBe(0);
  }
  return {
    experiment,
    metrics: await store.metrics(id),
    rollouts: await store.rollouts(id, { kind: 'train' }),
  };
}

it('earns, stores and learns from what the function returns', async () => {
  const code = `function reward({ prompt, response, answer, length, maxLength }) {
    const digits = response.match(/[0-9]/g) ?? [];
    return digits.length / maxLength + (prompt.includes('-> ' + answer + ' ') ? length / 100 : -9);
  }`;
  const inTypeScript = ({ response, length, maxLength }: RewardInput) =>
    (response.match(/\d/g) ?? []).length / maxLength + length / 100;
  const { experiment, metrics, rollouts } = await train('sound', code);

  expect(rollouts).toHaveLength(16);
  const inputs = rewardInputs(rollouts, experiment);
  const { values } = await (await openCustomReward(code)).evaluate(inputs);
  rollouts.forEach(({ rewards, reward }, i) => {
    expect(values[i]).toBe(inTypeScript(inputs[i]));
    expect(rewards).toEqual({ output: 0, custom: WEIGHT * values[i] });
    expect(reward).toBe(WEIGHT * values[i]);
  });
  for (const line of metrics.slice(1)) {
    const own = rollouts.filter((r) => r.step === line.step).map((r) => r.rewards.custom);
    expect(line['rewards/custom/mean']).toBeCloseTo(own.reduce((a, b) => a + b) / own.length, 12);
    expect(line['rewards/custom/failed']).toBe(0);
    expect(line.grad_norm).toBeGreaterThan(0);
  }
});

it('counts a response on which it fails, which earns 0', async () => {
  const code = 'function reward({ response }) { if (response.length % 2) throw new Error("odd"); return 1 }';
  const { metrics, rollouts } = await train('half', code);
  const odd = (step: number) => rollouts.filter((r) => r.step === step && r.response.length % 2 === 1);
  expect(rollouts.some((r) => r.rewards.custom === 0)).toBe(true);
  for (const step of [1, 2]) {
    expect(metrics[step]['rewards/custom/failed']).toBe(odd(step).length / 8);
    for (const r of odd(step)) expect(r.rewards.custom).toBe(0);
  }
});

it('fails, and keeps what was committed, when the function fails on a whole step', async () => {
  const failing = train('failing', '\nfunction reward({ response }) { return response.words.length }');
  await expect(failing).rejects.toThrow(/failed on all 8 responses of the step: TypeError: .* \(line 2\)/);
  expect(await store.getRun('failing')).toMatchObject({ status: 'failed', step: 0 });
  expect(await store.metrics('failing')).toHaveLength(1);
  expect((await store.latestCheckpoint('failing'))?.step).toBe(0);
});

it('does not begin with a function that cannot be used', async () => {
  await expect(train('broken', 'function reward( {')).rejects.toThrow(
    /own reward function cannot be used, so nothing was computed. SyntaxError/,
  );
  expect(await store.getRun('broken')).toMatchObject({ status: 'failed', step: 0 });
  expect(await store.metrics('broken')).toEqual([]);
});
