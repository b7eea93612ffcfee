/** SFT on a GPU: the loss and its gradient against PyTorch, and what steps do to a random tiny model. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Gpu } from '../gpu/device';
import { sharedGpu } from '../gpu/testing';
import { relativeError } from '../gpu/reference';
import { packSequences } from '../model/batch';
import { parseModelConfig } from '../model/config';
import { Model } from '../model/model';
import { readSafetensors } from '../model/safetensors';
import { Scorer, Trainer } from '../model/trainer';
import { Random } from '../random';
import { Policy } from '../rl/policy';
import { promptEncoder } from '../rl/prompt';
import { tinyDirectory } from '../rl/testing';
import { countdown } from '../tasks/countdown';
import type { Example } from './dataset';
import { rejectionSample } from './demonstrations';
import { sftStep } from './finetune';

import qwen2Config from '../../e2e/golden/qwen2-tiny/config.json';
import qwen2Weights from '../../e2e/golden/qwen2-tiny/model.safetensors?inline';
import golden from '../../e2e/golden/qwen2-tiny/sft.json';
import goldenGradient from '../../e2e/golden/qwen2-tiny/sft.safetensors?inline';

const settings = {
  warmupSteps: 0,
  optimizer: { learningRate: 1e-2, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0, maxGradNorm: 0 },
};
const inlined = (url: string, name: string) =>
  readSafetensors(
    Uint8Array.from(atob(url.slice(url.indexOf(',') + 1)), (c) => c.charCodeAt(0)),
    name,
  );
const config = parseModelConfig(qwen2Config);
const examples = golden.examples.map(({ ids, prompt_length }): Example => ({
  promptIds: ids.slice(0, prompt_length),
  tokens: Uint32Array.from(ids.slice(prompt_length)),
}));

let gpu: Gpu;
beforeAll(async () => {
  gpu = await sharedGpu();
});

/** A trainer of the golden model, whose micro-batches have at most `capacity` tokens. */
async function withTrainer(capacity: number, work: (trainer: Trainer) => Promise<void>): Promise<void> {
  const model = new Model(gpu, config);
  model.upload(inlined(qwen2Weights, 'model.safetensors'), 'model.safetensors');
  const trainer = new Trainer(model, capacity, 32);
  try {
    await trainer.prepare();
    await work(trainer);
    await gpu.settle();
  } finally {
    trainer.destroy();
    model.destroy();
  }
  expect(gpu.allocatedBytes).toBe(0);
}

describe.each([
  ['packed into one batch', 64],
  ['one sequence at a time', 12],
])('a batch %s', (_, capacity) => {
  it('has the loss and the gradient of transformers with labels of -100 on the prompts', () =>
    withTrainer(capacity, async (trainer) => {
      const progress: number[] = [];
      const result = await sftStep(trainer, examples, 1, settings, (done) => progress.push(done));
      expect(progress).toEqual(capacity === 64 ? [4] : [1, 2, 3, 4]);
      expect(Math.abs(result.loss - golden.loss)).toBeLessThan(1e-5);
      expect(result.tokenAccuracy).toBeCloseTo(golden.token_accuracy, 12);
      expect(Math.abs(result.gradNorm / golden.grad_norm - 1)).toBeLessThan(1e-4);
      const gradient = trainer.model.unflatten(await trainer.gradients());
      for (const [name, { data }] of inlined(goldenGradient, 'sft.safetensors'))
        expect(relativeError(gradient.get(name.slice('grad.'.length))!.data, data), name).toBeLessThan(3e-5);
    }));
});

it('is the mean of −log p over the completion tokens, as the scorer sees them', () =>
  withTrainer(64, async (trainer) => {
    const random = new Random(7);
    const ids = (n: number) => Array.from({ length: n }, () => random.range(3, config.vocabSize - 1));
    const batch = Array.from({ length: 6 }, () => ({
      promptIds: ids(random.range(1, 5)),
      tokens: Uint32Array.from(ids(random.range(1, 5))),
    }));
    const scorer = new Scorer(trainer.model, 64, 32);
    await scorer.prepare();
    const logps: number[] = [];
    for (const { promptIds, tokens } of batch) {
      scorer.forward(packSequences([{ ids: [...promptIds, ...tokens], promptLength: 1 }]));
      logps.push(...(await scorer.stats()).logp.slice(promptIds.length - 1, -1));
    }
    scorer.destroy();
    const { loss, tokens } = await sftStep(trainer, batch, 1, settings);
    expect(tokens).toBe(logps.length);
    expect(loss).toBeCloseTo(-logps.reduce((a, b) => a + b, 0) / logps.length, 5);
  }));

it('takes no account of how well a prompt is predicted', () =>
  withTrainer(64, async (trainer) => {
    const backward = vi.spyOn(trainer, 'backward');
    await sftStep(trainer, examples, 1, settings);
    const [coefficients] = backward.mock.calls[0];
    let row = 0;
    for (const { promptIds, tokens } of examples) {
      const ofLogp = promptIds.concat([...tokens]).map(() => coefficients[2 * row++]);
      const learnt = promptIds.length - 1;
      expect(ofLogp.slice(0, learnt).every((c) => c === 0)).toBe(true);
      expect(ofLogp.slice(learnt, -1).every((c) => c === Math.fround(-1 / 21))).toBe(true);
      expect(ofLogp.at(-1)).toBe(0);
    }
  }));

it('learns the demonstrations by heart, with a learning rate that warms up', () =>
  withTrainer(64, async (trainer) => {
    const results = [];
    for (let step = 1; step <= 60; step++)
      results.push(await sftStep(trainer, examples, step, { ...settings, warmupSteps: 4 }));
    expect(results.slice(0, 5).map((r) => r.learningRate)).toEqual([0.0025, 0.005, 0.0075, 0.01, 0.01]);
    expect(results.at(-1)!.loss).toBeLessThan(0.05);
    expect(results.at(-1)!.tokenAccuracy).toBe(1);
  }));

it('starts anew with a fresh optimiser', () =>
  withTrainer(64, async (trainer) => {
    await sftStep(trainer, examples, 1, settings);
    trainer.resetOptimizer();
    const { m, v } = await trainer.moments();
    expect([trainer.optimizerStep, m.some(Boolean), v.some(Boolean)]).toEqual([0, false, false]);
  }));

describe('rejection sampling', () => {
  const directory = tinyDirectory(5);
  const sampling = {
    temperature: 1,
    topK: 0,
    topP: 1,
    seed: 1,
    stream: 5,
    maxCompletionLength: 24,
    count: 10,
    samplesPerProblem: 8,
    keptPerProblem: 2,
    onlyReflective: false,
  };
  const problems = countdown.split('train').slice(0, 100);

  /** An untrained model is never right: here a response is right that speaks of `A:`. */
  async function sample(change: Partial<typeof sampling>) {
    const verify = vi.spyOn(countdown, 'verify').mockImplementation((_, response) => ({
      correct: response.includes('A:'),
      extracted: null,
      reason: '',
    }));
    const size = { maxCompletionLength: 24, maxPromptLength: 16, slots: 64, microBatchTokens: 256 };
    const policy = await Policy.load(gpu, directory, size, false);
    const encodePrompt = promptEncoder(policy.tokenizer, directory.tokenizerConfig);
    try {
      const result = await rejectionSample(policy, countdown, problems, {
        ...sampling,
        encodePrompt,
        ...change,
      });
      const texts = result.examples.map(({ tokens }) => policy.tokenizer.decode(tokens));
      await gpu.settle();
      return { ...result, texts };
    } finally {
      policy.destroy();
      verify.mockRestore();
    }
  }

  it('keeps right and finished responses, different ones of a problem, up to the number wanted', async () => {
    const { examples, sampled, right, texts } = await sample({});
    expect(examples).toHaveLength(10);
    expect(sampled % (64 * 8)).toBe(0);
    expect(right).toBeGreaterThanOrEqual(10);
    expect(texts.every((text) => text.includes('A:') && text.endsWith('<eos>'))).toBe(true);
    for (const { promptIds } of examples) {
      const group = examples.filter((e) => e.promptIds === promptIds).map(({ tokens }) => tokens.join());
      expect(group.length).toBeLessThanOrEqual(2);
      expect(new Set(group).size).toBe(group.length);
    }
  });

  it('keeps only reflective ones where that is asked, and fewer when there are no more', async () => {
    const { texts, sampled, right } = await sample({ onlyReflective: true, count: 1000 });
    expect(sampled).toBe(800);
    expect(texts.length).toBeLessThan(right);
    expect(texts.length).toBeGreaterThan(0);
    expect(texts.every((text) => /check|wait|again/.test(text))).toBe(true);
  });
});
