/** A tool-using model through the headless lab: it learns a call from a file, and is then asked with its calls run. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const temporary = mkdtempSync(join(tmpdir(), 'lab-tools-'));
afterAll(() => rmSync(temporary, { recursive: true }));

/** The JSON objects that a command prints. */
async function lab(...args: string[]): Promise<Record<string, unknown>[]> {
  const child = spawn(process.execPath, [join(root, 'src/cli/lab.mjs'), ...args, '--json'], { cwd: root });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => (stdout += String(text)));
  child.stderr.on('data', (text) => (stderr += String(text)));
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect(code, stderr).toBe(0);
  const lines = stdout.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

const PROMPT = '9 8 2 -> 1 A:';
const CODE = '( 8 + 2 ) - 9';
const BOX = `\\boxed{ ${CODE} }`;
const CALL = { code: CODE, output: '1', failed: false, timedOut: false, ms: expect.any(Number) as number };

test('learnt from turns of a tool, a call is run by generate and eval', async () => {
  const file = (name: string, row: object) => {
    writeFileSync(join(temporary, name), JSON.stringify(row));
    return join(temporary, name);
  };
  const demonstration = file('demonstration.jsonl', {
    messages: [
      { role: 'user', content: PROMPT },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { type: 'function', function: { name: 'calculator', arguments: JSON.stringify({ code: CODE }) } },
        ],
      },
      { role: 'tool', content: '1' },
      { role: 'assistant', content: BOX },
    ],
  });
  const data = ['--data', demonstration, '--steps', '40', '--batch-size', '1', '--max-tokens', '64'];
  await lab('sft', '--model', 'tiny-countdown', ...data, '--out', temporary);

  const asked = ['--model', join(temporary, 'model'), '--temperature', '0', '--tools', 'calculator'];
  const problems = file('problems.jsonl', { prompt: PROMPT, answer: '1' });
  const [generated, [response, numbers]] = await Promise.all([
    lab('generate', ...asked, '--prompt', PROMPT),
    lab('eval', ...asked, '--data', problems, '--responses'),
  ]);

  expect(generated).toMatchObject([
    { text: `<tool> ${CODE} <out> 1 </tool> ${BOX}`, finished: true, calls: [CALL] },
  ]);
  const { tool_mask: mask, logprobs } = generated[0] as { tool_mask: number[]; logprobs: number[] };
  expect(mask.filter((sampled) => sampled === 0)).toHaveLength('1 </tool>'.split(' ').length);
  expect(logprobs.every((logp, t) => mask[t] === 1 || logp === 0)).toBe(true);

  expect(response).toMatchObject({ mode: 'greedy', prompt: PROMPT, correct: true, calls: [CALL] });
  expect(numbers).toMatchObject({
    problems: 1,
    greedy: {
      accuracy: 1,
      'tools/call_frequency': 1,
      'tools/failure_frequency': 0,
      'tools/accuracy_with_call': 1,
    },
  });
});
