/** Rollouts that call the calculator, by a random tiny model that is made to write a call. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Gpu } from '../../gpu/device';
import { sharedGpu } from '../../gpu/testing';
import { countdown } from '../../tasks/countdown';
import { tokenIds, tokenText } from '../../tasks/countdown/vocabulary';
import { Calculator } from '../../tools/calculator';
import type { Interpreter } from '../../tools/types';
import { Random } from '../../random';
import { Learner } from '../learner';
import { Policy } from '../policy';
import { sampleRollouts } from '../rollout';
import { rlStep } from '../step';
import { TINY_STEP, tinyDirectory } from '../testing';
import { callFormat } from './format';
import { sampledLength } from './mask';
import type { ToolSettings } from './use';

const problems = countdown.split('train').slice(0, 4);
/** Only these are sampled, so that calls are frequent. */
const ALLOWED = tokenIds('<tool> <out> 4 9 + yes <eos>');
const bannedIds = Array.from({ length: 96 }, (_, id) => id).filter((id) => !ALLOWED.includes(id));

let gpu: Gpu;
let policy: Policy;
let tools: ToolSettings;
beforeAll(async () => {
  gpu = await sharedGpu();
  const size = { maxCompletionLength: 40, maxPromptLength: 16, slots: 6, microBatchTokens: 256 };
  policy = await Policy.load(gpu, tinyDirectory(3), size, false);
  tools = {
    format: callFormat(policy.tokenizer, 'tags', 'calculator'),
    language: 'calculator',
    interpreter: new Calculator({ output_chars: 400 }),
    maxCalls: 2,
    outputChars: 400,
    execute: true,
  };
});
afterAll(() => {
  policy.destroy();
});

const settings = () => ({ ...TINY_STEP, maxCompletionLength: 40, stream: 1, bannedIds, tools });

it('hold the results of their calls, which are counted apart', async () => {
  const rollouts = await sampleRollouts(policy, problems, 4, settings());
  const calls = rollouts.flatMap((r) => r.calls!);
  expect(calls.length).toBeGreaterThan(5);
  expect(new Set(calls.map(({ failed }) => failed))).toEqual(new Set([true, false]));
  for (const { tokens, logps, toolMask, text, written, calls } of rollouts) {
    const words = tokenText([...tokens]).split(' ');
    if (!toolMask) {
      expect(calls).toEqual([]);
      continue;
    }
    // What was not sampled is what follows each <out> of a call, up to </tool>; the last may be cut at the limit.
    expect(words.filter((_, t) => !toolMask[t]).join(' ')).toMatch(/^(([-\d]+ )*(not )?(yes )?<\/tool> ?)*/);
    words.forEach((word, t) => word === '</tool>' && expect(toolMask[t]).toBe(0));
    logps.forEach((logp, t) => expect(logp === 0).toBe(!toolMask[t]));
    expect(text).not.toBe(written);
    expect(written).not.toContain('</tool>');
    expect(sampledLength({ tokens, toolMask })).toBeLessThan(tokens.length);
  }
  const again = await sampleRollouts(policy, problems, 4, settings());
  expect(again.map((r) => r.text)).toEqual(rollouts.map((r) => r.text));
});

it('are the same as without a tool when nothing is run, but for the calls that are counted', async () => {
  const written = await sampleRollouts(policy, problems, 4, {
    ...settings(),
    tools: { ...tools, execute: false },
  });
  const plain = await sampleRollouts(policy, problems, 4, { ...settings(), tools: undefined });
  expect(written.map(({ calls: _, ...r }) => r)).toEqual(plain);
  expect(written.some(({ calls }) => calls!.length > 0)).toBe(true);
  expect(plain.every(({ calls, toolMask }) => !calls && !toolMask)).toBe(true);
});

it('end when the sandbox cannot work', async () => {
  const broken: Interpreter = {
    call: () => Promise.reject(new Error('no sandbox')),
    close: () => undefined,
  };
  const asked = sampleRollouts(policy, problems, 4, {
    ...settings(),
    tools: { ...tools, interpreter: broken },
  });
  await expect(asked).rejects.toThrow('no sandbox');
});

it('a step with them: the cost is a term of its own, and the sampler agrees with the trainer on what was sampled', async () => {
  const learner = new Learner(policy, TINY_STEP.kl, TINY_STEP.entropy, TINY_STEP.strategy);
  // Any token of some calls, so that an untrained model calls often.
  const format = {
    ...tools.format,
    parser: () => ({ push: (id: number) => (id % 7 === 5 ? { code: '1 + 1' } : undefined) }),
  };
  const step = {
    ...TINY_STEP,
    tools: { ...tools, format },
    numGenerations: 4,
    reward: { ...TINY_STEP.reward, toolCost: 0.5 },
  };
  const { rollouts, metrics } = await rlStep(learner, countdown, problems, 1, new Random(1), step);
  for (const r of rollouts) expect(r.rewards.tool_cost).toBeCloseTo(-0.5 * r.calls!.length, 12);
  expect(metrics['tools/call_frequency']).toBeGreaterThan(0.5);
  expect(metrics['tools/result_length']).toBeGreaterThan(1);
  expect(metrics['completions/max_length']).toBeLessThan(16);
  expect(metrics['sampling/sampling_logp_difference/max']).toBeLessThan(1e-4);
});
