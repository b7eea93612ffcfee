/** Command lines that end before a device is opened: what they print, and where. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runCli } from './program';

const folder = mkdtempSync(join(tmpdir(), 'lab-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

let stdout = '';
let stderr = '';
beforeEach(() => {
  stdout = stderr = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true));
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

const COMMANDS = [
  'doctor',
  'run',
  'resume',
  'eval',
  'generate',
  'score',
  'grade',
  'data',
  'pretrain',
  'sft',
  'gate',
  'signals',
];

test.each(COMMANDS)('lab %s --help shows its options and examples', async (command) => {
  expect(await runCli([command, '--help'])).toBe(0);
  expect(stdout).toContain('--json');
  expect(stdout).toContain(`lab ${command}`);
  expect(stdout).toContain('Examples:');
  expect(stderr).toBe('');
});

const sft = ['sft', '--model', 'tiny-countdown', '--out', folder];
const CALL = { role: 'assistant', tool_calls: [{ name: 'calculator', arguments: { code: '1 + 1' } }] };
const validation = (options: string) => ['eval', '--model', 'tiny-countdown', ...options.split(' ')];

test.each<[why: string, args: string[], message: string]>([
  ['no command', [], 'Usage: lab'],
  ['an unknown command', ['train'], "unknown command 'train'"],
  ['an unknown option', ['doctor', '--fast'], "unknown option '--fast'"],
  ['a missing experiment', ['run'], 'Name an experiment (a preset or a JSON file), or the run to begin from'],
  ['a missing option', ['score', '--ids', '1,2'], "required option '--model <DIR>'"],
  ['steps out of range', ['run', 'aha', '--steps', '0'], "'--steps <N>' argument '0' is invalid. It must be"],
  ['a seed that is no number', ['run', 'aha', '--seed', 'x'], 'a whole number from 0 to 2147483647'],
  ['an unknown split', validation('--split train'), 'Allowed choices are validation, test'],
  ['an odd temperature', validation('--temperature nan'), "'--temperature <T>' argument 'nan' is invalid"],
  ['an unknown preset', ['run', 'ahaa'], 'no preset and no file "ahaa". Presets: aha, aha-quick'],
  ['a name from the prototype', ['run', 'constructor'], 'no preset and no file "constructor"'],
  ['an unknown model', ['gate', '--model', 'gpt-5'], 'no model directory "gpt-5"'],
  ['a missing data file', validation('--data nowhere.jsonl'), 'there is no file nowhere.jsonl'],
  ['SFT on nothing', ['sft', '--model', 'tiny-countdown', '--out', folder], '--data FILE or --task NAME'],
  [
    'SFT on two things',
    [...sft, '--task', 'countdown', '--data', 'x.jsonl'],
    "option '--data <FILE>' cannot be used with option '--task <NAME>'",
  ],
  [
    'SFT on words that the model does not know',
    [...sft, '--task', 'letters', '--examples', '3'],
    'demonstration 1: The tokenizer does not know',
  ],
  [
    'SFT on a file of something else',
    [...sft, '--data', file('numbers.jsonl', '{"numbers":[9,8,2],"target":1}')],
    'line 1: it has neither "messages" nor a "prompt"',
  ],
  [
    'SFT on demonstrations that are all too long',
    [...sft, '--task', 'countdown', '--examples', '3', '--max-tokens', '5'],
    'no demonstration is left, and nothing was trained',
  ],
  [
    'SFT on a call without a result',
    [
      ...sft,
      '--data',
      file('call.jsonl', JSON.stringify({ messages: [{ role: 'user', content: 'x' }, CALL] })),
    ],
    'line 1: the call in the last turn of "messages" has no result',
  ],
  [
    'an interpreter that there is not',
    ['generate', '--model', 'tiny-countdown', '--prompt', '9 8 2 -> 1 A:', '--tools', 'perl'],
    'Allowed choices are calculator, javascript, python',
  ],
  [
    'a form of calls that the model has no words for',
    [...'generate --model tiny-countdown --tools python --tool-format tool_call --prompt'.split(' '), '1'],
    '--tool-format: The model’s vocabulary has no token <tool_call>',
  ],
  ['a folder without a run', ['resume', join(folder, 'none')], 'holds no run'],
  ['signals of nothing', ['signals', 'nowhere.jsonl'], 'there is no file nowhere.jsonl'],
  ['signals of another folder', ['signals', folder], 'not the folder of a run'],
  ['a folder with something else', ['resume', folder], 'not the folder of a run'],
])('%s: exit code 1 and a message without a stack on stderr', async (_why, args, message) => {
  file('something.txt', 'else');
  expect(await runCli(args)).toBe(1);
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(stdout).toBe('');
});

test('an experiment file is checked to the last key, and each problem has its path', async () => {
  const experiment = { seed: -1, rollout: { temperature: 'hot' }, schedule: { steps: 5 } };
  expect(await runCli(['run', file('experiment.json', JSON.stringify(experiment)), '--json'])).toBe(1);
  for (const path of ['seed:', 'rollout.temperature:', 'schedule:']) expect(stderr).toContain(path);
  expect(stderr).toContain('"steps"');
  expect(stdout).toBe('');
});

test('a file that is not JSON is named', async () => {
  expect(await runCli(['run', file('broken.json', '{"seed": ')])).toBe(1);
  expect(stderr).toContain('broken.json is not JSON');
});

test('pre-training settings are checked to the last key', async () => {
  const settings = { rows: 0, corpus: { styles: { D: 1, S: 0, R: 0 } }, lr: 1 };
  expect(await runCli(['pretrain', '--settings', file('settings.json', JSON.stringify(settings))])).toBe(1);
  for (const part of ['rows:', 'corpus.styles.F:', '"lr"']) expect(stderr).toContain(part);
});

test('pretrain refuses the shape of a model with other words', async () => {
  const out = join(folder, 'base');
  expect(await runCli(['pretrain', '--like', 'e2e/golden/qwen2-tiny', '--out', out])).toBe(1);
  expect(stderr).toMatch(
    /qwen2-tiny.config.json is for \d+ words, and Countdown has 96. Nothing was started/,
  );
});

test('signals: a JSON line for each, of a run as `lab run --json` printed it', async () => {
  const fixture = 'src/lab/signals/fixtures/temperature-0.05.jsonl';
  expect(await runCli(['signals', fixture, '--json'])).toBe(0);
  const [signal, ...others] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(others).toEqual([]);
  expect(signal).toMatchObject({ id: 'zero-variance', severity: 'warning', step: 1 });
  expect(Object.keys(signal)).toEqual(
    expect.arrayContaining(['title', 'sentence', 'evidence', 'study', 'advice']),
  );

  stdout = '';
  expect(await runCli(['signals', fixture])).toBe(0);
  expect(stdout).toMatch(/^warning: Groups that teach nothing, steps 1 to 19\n {2}In 65\.0% of the groups/);

  stdout = '';
  expect(await runCli(['signals', 'e2e/results/aha/seed-0.jsonl'])).toBe(0);
  expect(stdout).toBe('Nothing noticed up to step 60.\n');
});
