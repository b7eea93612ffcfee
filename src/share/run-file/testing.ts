/** Random runs with everything that can be kept, for the tests of this folder. */
import { readFileSync } from 'node:fs';
import { parseExperiment } from '../../lab/schema';
import { parseModelConfig } from '../../model/config';
import { parameterLayout } from '../../model/layout';
import { blobSource, type FileSource } from '../../model/source';
import type { Random } from '../../random';
import type { CallRecord, Checkpoint, MetricsRecord, RolloutRecord } from '../../store/types';
import type { RunContents } from './contents';

const CONFIG = {
  architectures: ['Qwen2ForCausalLM'],
  dtype: 'float32',
  vocab_size: 16,
  hidden_size: 8,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  intermediate_size: 8,
  tie_word_embeddings: true,
  max_position_embeddings: 256,
  eos_token_id: 2,
};

/** The model that the runs began with; its weights are not read. */
export function baseModel(): FileSource {
  const files = new Map([['config.json', new Blob([JSON.stringify(CONFIG)])]]);
  for (const name of ['tokenizer.json', 'tokenizer_config.json'])
    files.set(name, new Blob([readFileSync(`public/models/tiny-countdown/${name}`)]));
  return blobSource(files);
}

const TEXTS = [
  '',
  '5',
  'a\nb',
  '"quoted", and, commas',
  '</pre><script>',
  '\\boxed{ 1 }',
  '深 😀 é',
  '\u2028\0',
];
const NUMBERS = [0, 1, -1.5, 0.1, 1e-300, 2 ** 53, NaN, Infinity, -Infinity];

/** @param size of the arrays beside the parameters */
export function randomRun(random: Random, size = 200): RunContents {
  const text = () => random.choice(TEXTS);
  const number = () => random.choice(NUMBERS);
  const last = random.int(6);
  const steps = Array.from({ length: last + 1 }, (_, step) => step);
  const metrics = steps.map((step): MetricsRecord => ({
    step,
    reward: number(),
    ...(random.int(2) && { 'eval/greedy/accuracy': number() }),
  }));
  const hasTool = random.int(2) === 1;
  const call = (): CallRecord => ({
    code: text(),
    output: random.int(4) > 0 ? text() : null,
    failed: random.int(2) === 1,
    timedOut: random.int(2) === 1,
    ms: random.next() * 1000,
  });
  const rollout = (step: number, kind: RolloutRecord['kind']): RolloutRecord => ({
    step,
    kind,
    problemId: text(),
    prompt: text(),
    response: text(),
    ...(random.int(4) > 0 && { answer: text() }),
    length: random.int(200),
    finished: random.int(2) === 1,
    reward: number(),
    rewards: random.int(2) ? { output: number(), length: number() } : {},
    advantage: number(),
    correct: random.int(2) === 1,
    verdict: text(),
    equations: { right: random.int(3), total: 3 },
    ...(hasTool && { calls: Array.from({ length: random.int(3) }, call) }),
    ...(hasTool && random.int(2) === 1 && { toolTokens: random.int(50) }),
  });
  const rollouts = steps.flatMap((step) =>
    (['train', 'watch'] as const).flatMap((kind) =>
      Array.from({ length: random.int(4) }, () => rollout(step, kind)),
    ),
  );
  const status = random.choice(['finished', 'stopped', 'failed'] as const);
  return {
    run: {
      id: `run-${random.int(1e9)}`,
      name: `Run ${text()}`,
      experiment: parseExperiment({ seed: random.int(100), name: 'Aha' }),
      status,
      step: last,
      createdAt: 1e12,
      updatedAt: 1e12 + random.int(1e6),
      adapter: 'google swiftshader',
      ...(status === 'failed' && { error: text() }),
      ...(random.int(2) && { comparisons: [{ id: 'c-1', name: 'kl', arm: 'fixed' }] }),
      ...(random.int(2) && { parent: { run: 'run-0', step: 3 }, keepEvery: 2 }),
    },
    metrics,
    rollouts,
    checkpoints: keptSteps(random, last).map((step) => {
      const checkpoint = randomCheckpoint(random, step, size);
      return { step, load: () => Promise.resolve(checkpoint) };
    }),
  };
}

/** Steps whose checkpoints a store keeps: the last two. */
function keptSteps(random: Random, last: number): number[] {
  const newest = random.int(3) === 0 ? [] : [Math.max(0, last - 1), last];
  return [...new Set(newest)];
}

/** A run with at least one checkpoint and one rollout. */
export function randomFullRun(random: Random, size?: number): RunContents {
  for (;;) {
    const run = randomRun(random, size);
    if (run.checkpoints.length > 0 && run.rollouts.length > 0) return run;
  }
}

/** With all checkpoints read, to be compared. */
export const whole = async (contents: RunContents) => ({
  ...contents,
  checkpoints: await Promise.all(contents.checkpoints.map(({ load }) => load())),
});

function randomCheckpoint(random: Random, step: number, size: number): Checkpoint {
  const array = (length: number) => Float32Array.from({ length }, () => random.normal());
  return {
    step,
    arrays: {
      params: randomParameters(random),
      adam_m: array(size),
      adam_v: array(size + 1),
      empty: array(0),
    },
    counters: { optimizer_step: step, num_tokens: 2 ** 40 + step },
  };
}

/** Of the base model's layout, padding and all. */
function randomParameters(random: Random): Float32Array {
  const { size, blocks } = parameterLayout(parseModelConfig(CONFIG));
  const flat = new Float32Array(size);
  for (const { offset, size: length } of blocks)
    for (let i = offset; i < offset + length; i++) flat[i] = random.normal();
  return flat;
}
