/** The headless lab as a person or a script meets it: a process with arguments, two streams and an exit code. */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { kernelChecks } from '../src/gpu/selftest/index.ts';
import { isTiming, type StepMetrics } from '../src/lab/metrics.ts';
import { readSafetensors } from '../src/model/safetensors.ts';

const root = join(import.meta.dirname, '..');
const golden = join(root, 'e2e/golden/qwen2-tiny');
const temporary = mkdtempSync(join(tmpdir(), 'lab-cli-'));
afterAll(() => rmSync(temporary, { recursive: true }));

/** Whatever compiles every kernel: half a minute on an idle machine, minutes on a busy one. */
const RUNS_LIMIT_MS = 20 * 60_000;

interface Ended {
  code: number | null;
  /** The JSON objects on stdout; anything else there fails the test. */
  records: Record<string, unknown>[];
  stderr: string;
}

/** @param interruptAt a text on stdout at which the process gets Ctrl-C */
function lab(args: string[], interruptAt?: string): Promise<Ended> {
  const child = spawn(process.execPath, [join(root, 'src/cli/lab.mjs'), ...args, '--json'], { cwd: root });
  let [stdout, stderr, interrupted] = ['', '', false];
  child.stdout.on('data', (text) => {
    stdout += String(text);
    if (interruptAt === undefined || interrupted || !stdout.includes(interruptAt)) return;
    interrupted = child.kill('SIGINT');
  });
  child.stderr.on('data', (text) => (stderr += String(text)));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      const lines = stdout.split('\n').slice(0, -1);
      const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
      resolve({ code, records, stderr });
    });
  });
}

test('doctor finds every kernel equal to its float64 reference', { timeout: RUNS_LIMIT_MS }, async () => {
  const { code, records, stderr } = await lab(['doctor']);
  expect(code, stderr).toBe(0);
  const { summary } = records.at(-1) as { summary: { passed: number; failed: number } };
  expect(summary).toEqual({ passed: kernelChecks.length, failed: 0 });
});

describe('score', () => {
  test('gives the log-probabilities of transformers, without a tokenizer', async () => {
    const { ids, lengths } = JSON.parse(readFileSync(join(golden, 'golden.json'), 'utf8')) as {
      ids: number[];
      lengths: number[];
    };
    const logits = readSafetensors(readFileSync(join(golden, 'golden.safetensors')), 'golden').get('logits')!;
    const sequence = ids.slice(0, lengths[0]);
    const expected = sequence.slice(1).map((next, t) => {
      const row = logits.data.subarray(t * logits.shape[1], (t + 1) * logits.shape[1]);
      return row[next] - Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0));
    });

    const { code, records, stderr } = await lab(['score', '--model', golden, '--ids', sequence.join(',')]);
    expect(code, stderr).toBe(0);
    const { logprobs } = records[0] as { logprobs: number[] };
    expect(logprobs).toHaveLength(expected.length);
    logprobs.forEach((value, t) =>
      expect(Math.abs(value - expected[t]), `token ${t + 1}`).toBeLessThan(1e-4),
    );
  });

  const config = (change: object) => (model: string) => {
    const path = join(model, 'config.json');
    writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), ...change }));
  };
  const weights = (change: (bytes: Buffer) => Uint8Array) => (model: string) => {
    const path = join(model, 'model.safetensors');
    writeFileSync(path, change(readFileSync(path)));
  };
  test.each<[what: string, damage: (model: string) => void, ids: string, message: RegExp]>([
    [
      'a truncated file',
      weights((b) => b.subarray(0, b.length - 100)),
      '1,2',
      /model\.safetensors: .*cut short/,
    ],
    [
      'a header that lies about its length',
      weights((b) => (b.writeBigUInt64LE(2n ** 40n), b)),
      '1,2',
      /model\.safetensors: its header claims 1099511627776 bytes/,
    ],
    [
      'another architecture',
      config({ architectures: ['LlamaForCausalLM'] }),
      '1,2',
      /"LlamaForCausalLM", which is not supported/,
    ],
    ['a config out of range', config({ num_hidden_layers: -2 }), '1,2', /config\.json: num_hidden_layers: /],
    [
      'no weights',
      (model) => rmSync(join(model, 'model.safetensors')),
      '1,2',
      /model\.safetensors: there is no such file/,
    ],
    ['an id outside the vocabulary', () => {}, '1,48', /no token 48; the model's ids go from 0 to 47/],
    ['a single id', () => {}, '1', /from 2 to 64 tokens/],
  ])('%s: exit code 1, the reason on stderr, nothing on stdout', async (what, damage, ids, message) => {
    const model = join(temporary, what);
    cpSync(golden, model, { recursive: true });
    damage(model);
    const { code, records, stderr } = await lab(['score', '--model', model, '--ids', ids]);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(records).toEqual([]);
  });
});

test('run --dry-run: the memory of each part, and nothing is run', async () => {
  const { code, records, stderr } = await lab(['run', 'aha-quick', '--dry-run']);
  expect(code, stderr).toBe(0);
  expect(records).toHaveLength(1);
  const { total, ...parts } = records[0].memory as Record<string, number>;
  expect(Object.values(parts).reduce((a, b) => a + b)).toBe(total);
  expect(parts.gradients).toBe(parts.weights);
});

test('generate: as many responses as asked, without the banned tokens, cut where told', async () => {
  const args = ['--prompt', '9 8 2 -> 1 A:', '--n', '5', '--max-tokens', '12', '--ban', '\\boxed{', ','];
  const { code, records, stderr } = await lab(['generate', '--model', 'tiny-countdown', ...args]);
  expect(code, stderr).toBe(0);
  const responses = records as { text: string; tokens: number[]; logprobs: number[]; finished: boolean }[];
  expect(responses).toHaveLength(5);
  for (const { text, tokens, logprobs, finished } of responses) {
    expect(text).not.toMatch(/\\boxed\{|,/);
    expect(logprobs).toHaveLength(tokens.length);
    expect(logprobs.every((l) => l <= 0)).toBe(true);
    expect(finished || tokens.length === 12).toBe(true);
  }
});

test('eval: greedy and sampled metrics of a data file', async () => {
  const data = join(temporary, 'problems.jsonl');
  writeFileSync(data, '{"numbers":[9,8,2],"target":1}\n{"prompt":"13 4 2 -> 19 A:","answer":"19"}\n');
  const args = ['--data', data, '--n', '2', '--max-tokens', '24'];
  const { code, records, stderr } = await lab(['eval', '--model', 'tiny-countdown', ...args]);
  expect(code, stderr).toBe(0);
  expect(records).toHaveLength(1);
  expect(records[0].problems).toBe(2);
  for (const mode of ['greedy', 'sampled']) {
    const metrics = records[0][mode] as Record<string, number>;
    for (const name of ['accuracy', 'completion_ratio', 'keywords/any']) {
      expect(metrics[name]).toBeGreaterThanOrEqual(0);
      expect(metrics[name]).toBeLessThanOrEqual(1);
    }
    expect(metrics.mean_length).toBeLessThanOrEqual(24);
  }
  expect(records[0].sampled as object).toHaveProperty('pass@2');
});

test('eval: several tasks, and a model against itself differs by nothing', async () => {
  const args = [
    '--task',
    'countdown',
    '--problems',
    '3',
    '--against',
    'tiny-countdown',
    '--n',
    '4',
    '--max-tokens',
    '16',
  ];
  const { code, records, stderr } = await lab(['eval', '--model', 'tiny-countdown', ...args]);
  expect(code, stderr).toBe(0);
  expect(records.map((r) => r.set)).toEqual(['countdown, test']);
  const { sampled, against, difference } = records[0] as Record<
    string,
    Record<string, Record<string, number>>
  >;
  expect(against.sampled).toEqual(sampled);
  expect(Object.keys(difference.sampled)).toEqual(expect.arrayContaining(['accuracy', 'pass@4', 'maj@4']));
  for (const value of Object.values(difference.sampled)) expect(value).toBe(0);
});

test('sft: a line a step, and a model that has learnt its demonstrations', async () => {
  const [data, out] = [join(temporary, 'demonstrations.jsonl'), join(temporary, 'sft')];
  const [prompt, completion] = ['9 8 2 -> 1 A:', '9 - 8 = 1 check 1 no wait'];
  const messages = [
    { role: 'user', content: prompt },
    { role: 'assistant', content: completion },
  ];
  const long = { prompt, completion: 'wait '.repeat(100) };
  writeFileSync(data, [{ messages }, { prompt, completion }, long].map((d) => JSON.stringify(d)).join('\n'));
  const args = ['--data', data, '--steps', '40', '--batch-size', '2', '--max-tokens', '64', '--out', out];
  const { code, records, stderr } = await lab(['sft', '--model', 'tiny-countdown', ...args]);
  expect(code, stderr).toBe(0);
  expect(stderr).toContain('1 of the demonstrations are longer than 64 tokens');
  const steps = records.slice(0, -1) as unknown as StepMetrics[];
  expect(steps.map((line) => line.step)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  expect(steps[39]['sft/loss']).toBeLessThan(0.1);
  expect(steps[39]).toMatchObject({ 'sft/token_accuracy': 1, learning_rate: 1e-3 });
  expect(records.at(-1)).toMatchObject({ summary: { steps: 40, examples: 2, too_long: 1 } });

  const ask = ['generate', '--model', join(out, 'model'), '--prompt', prompt, '--temperature', '0'];
  const [answer] = (await lab(ask)).records;
  expect(answer).toMatchObject({ text: completion, finished: true });
});

describe('run and resume', () => {
  const experiment = join(temporary, 'tiny.json');
  writeFileSync(
    experiment,
    JSON.stringify({
      seed: 5,
      rollout: { queries_per_step: 2, num_generations: 2, max_completion_length: 24 },
      schedule: { max_steps: 1000, eval_steps: 1, save_steps: 1 },
      evaluation: { problems: 4 },
    }),
  );
  const [begun, resumed, interrupted] = ['begun', 'resumed', 'interrupted'].map((n) => join(temporary, n));
  const steps = ({ records }: Ended) => records.filter((r): r is StepMetrics => 'step' in r);
  const untimed = (metrics: StepMetrics) =>
    Object.fromEntries(Object.entries(metrics).filter(([name]) => !isTiming(name)));
  const summary = ({ records }: Ended) => records.at(-1)!.summary as Record<string, unknown>;

  test(
    'a run that travelled as a file and was resumed, and an uninterrupted one of the same seed, print the same numbers; Ctrl-C stops cleanly',
    async () => {
      const [first, whole] = await Promise.all([
        lab(['run', experiment, '--steps', '1', '--out', begun]),
        lab(['run', experiment, '--out', interrupted], '\n{"step":2,'),
      ]);
      expect(first.code, first.stderr).toBe(0);
      expect(summary(first)).toMatchObject({ status: 'finished', steps: 1, seed: 5, out: begun });
      expect(summary(first).first).toMatchObject({ step: 0 });
      expect(summary(first).last).toMatchObject({ step: 1 });
      expect(Object.keys(steps(first)[0]).every((name) => name === 'step' || /eval\b/.test(name))).toBe(true);

      expect(whole.code, whole.stderr).toBe(130);
      expect(summary(whole).status).toBe('stopped');
      expect(whole.stderr).toContain(`lab resume ${interrupted}`);

      const zip = join(temporary, 'begun.zip');
      expect((await lab(['export', begun, '--to', 'run', '--out', zip])).code).toBe(0);
      expect((await lab(['import', zip, '--out', resumed])).records).toMatchObject([
        { out: resumed, last: 1 },
      ]);
      const second = await lab(['resume', resumed, '--steps', '2']);
      expect(second.code, second.stderr).toBe(0);
      expect(summary(second)).toMatchObject({ status: 'finished', steps: 2 });
      expect(summary(second).first).toEqual(summary(first).first);

      const both = [...steps(first), ...steps(second)];
      expect(both.map((m) => m.step)).toEqual([0, 1, 2]);
      expect(both.map(untimed)).toEqual(steps(whole).slice(0, 3).map(untimed));
    },
    RUNS_LIMIT_MS,
  );

  test('a finished run leaves a Hugging Face directory with the trained parameters', () => {
    const read = (model: string) =>
      readSafetensors(readFileSync(join(model, 'model.safetensors')), 'model.safetensors');
    const base = join(root, 'public/models/tiny-countdown');
    const [before, after] = [read(base), read(join(resumed, 'model'))];
    expect(after.size).toBe(before.size);
    const moved = [...before].filter(([name, { data }]) =>
      data.some((x, i) => x !== after.get(name)!.data[i]),
    );
    expect(moved.length).toBeGreaterThan(0);
    for (const name of ['config.json', 'tokenizer.json', 'tokenizer_config.json'])
      expect(readFileSync(join(resumed, 'model', name))).toEqual(readFileSync(join(base, name)));
    expect(existsSync(join(interrupted, 'model'))).toBe(false);
  });

  test('its newest checkpoint is exported as such a directory, in half the bytes on request', async () => {
    const [full, half] = ['full', 'half'].map((name) => join(temporary, name));
    expect((await lab(['export', resumed, '--out', full])).code).toBe(0);
    const bytes = (model: string) => readFileSync(join(model, 'model.safetensors'));
    expect(bytes(full)).toEqual(bytes(join(resumed, 'model')));
    const { code, stderr } = await lab(['export', resumed, '--out', half, '--dtype', 'bfloat16']);
    expect(code, stderr).toBe(0);
    const exact = readSafetensors(bytes(full), 'full');
    for (const [name, { data }] of readSafetensors(bytes(half), 'half'))
      data.forEach((x, i) =>
        expect(Math.abs(x - exact.get(name)!.data[i])).toBeLessThanOrEqual(Math.abs(x) / 256),
      );
    expect(existsSync(join(half, 'generation_config.json'))).toBe(true);
  });
});
