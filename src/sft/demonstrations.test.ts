import { describe, expect, it } from 'vitest';
import { Random } from '../random';
import { TASK_NAMES, taskByName } from '../tasks';
import { keywordCategories } from '../tasks/keywords';
import type { GeneratedTask, Problem, Task } from '../tasks/types';
import { callFormat, suitableFormat } from '../rl/tools/format';
import { byteDirectory } from '../rl/testing';
import { tokenizerConfigJson, tokenizerJson } from '../tasks/countdown/vocabulary';
import { Tokenizer } from '../tokenizer/tokenizer';
import { Calculator } from '../tools/calculator';
import { toolOutput } from '../tools/output';
import { encodeDemonstrations } from './dataset';
import { DEMONSTRATION_MIXES, hasDemonstrations, synthesize, withCalls } from './demonstrations';

const tiny = new Tokenizer(tokenizerJson(), tokenizerConfigJson());
const directory = byteDirectory(1);
const bytes = new Tokenizer(directory.tokenizer, directory.tokenizerConfig);

const COUNT = 300;
const reflects = (text: string) => Object.values(keywordCategories(text)).some(Boolean);

describe.each(TASK_NAMES)('demonstrations of %s', (name) => {
  const task = taskByName(name);
  const train = task.split('train');
  const byPrompt = new Map<string, Problem>(train.map((problem) => [problem.prompt, problem]));

  it.each(DEMONSTRATION_MIXES)('%s: of training problems alone, all right, in their style', (mix) => {
    const made = synthesize(task, train, COUNT, mix, new Random(1));
    expect(made).toHaveLength(COUNT);
    for (const { prompt, completion } of made) {
      const problem = byPrompt.get(prompt);
      expect(problem, prompt).toBeDefined();
      expect(task.verify(problem!, completion), completion).toMatchObject({ correct: true });
    }
    const share = made.filter(({ completion }) => reflects(completion)).length / COUNT;
    if (mix === 'mixed') expect(Math.abs(share - 0.5)).toBeLessThan(0.15);
    else expect(share).toBe(mix === 'reflective' ? 1 : 0);
    expect(synthesize(task, train, COUNT, mix, new Random(1))).toEqual(made);
  });

  it('take the problems in turn', () => {
    const few = train.slice(0, 5);
    const prompts = synthesize(task, few, 15, 'direct', new Random(2)).map(({ prompt }) => prompt);
    for (const problem of few) expect(prompts.filter((prompt) => prompt === problem.prompt)).toHaveLength(3);
  });
});

describe.each(['countdown', 'arrows', 'arithmetic'] as const)('demonstrations of %s with calls', (name) => {
  const task = taskByName(name);
  const texts = synthesize(task, task.split('train'), 100, 'mixed', new Random(4));
  const tokenizer = name === 'arithmetic' ? bytes : tiny;
  const calculator = new Calculator({ output_chars: 400 });
  const tools = {
    format: callFormat(tokenizer, suitableFormat(tokenizer), 'calculator'),
    language: 'calculator' as const,
    interpreter: calculator,
    maxCalls: 99,
    outputChars: 400,
    execute: true,
  };

  it('are right, and learn everything but the results, which are those of the calculator', async () => {
    const made = await withCalls(task, texts, tools, tokenizer);
    const { examples } = encodeDemonstrations(made, tokenizer, (text) => tokenizer.encode(text), 2000);
    expect(examples).toHaveLength(100);
    for (const [i, { tokens, toolMask }] of examples.entries()) {
      const problem = task.split('train').find(({ prompt }) => prompt === made[i].prompt)!;
      expect(task.verify(problem, tokenizer.decode(tokens)), made[i].completion).toMatchObject({
        correct: true,
      });
      const parser = tools.format.parser();
      let calls = 0;
      for (let t = 0; t < tokens.length; t++) {
        const call = !toolMask || toolMask[t] ? parser.push(tokens[t]) : undefined;
        if (!call) continue;
        calls++;
        const output = toolOutput(await calculator.call(call.code), 400);
        const result = tools.format.encodeResult(output);
        expect([...tokens.subarray(t + 1, t + 1 + result.length)]).toEqual(result);
        expect([...toolMask!.subarray(t + 1, t + 1 + result.length)]).toEqual(result.map(() => 0));
      }
      const checked = name !== 'arrows' || texts[i].completion.includes('check');
      expect(calls > 0, made[i].completion).toBe(checked);
    }
  });

  it('are left out when they make more calls than a response may', async () => {
    const few = await withCalls(task, texts, { ...tools, maxCalls: 1 }, tokenizer);
    expect(few.length).toBeLessThan(100);
  });
});

it('a call is written in the language of its interpreter', async () => {
  const arrows = taskByName('arrows');
  const [problem] = arrows.split('train');
  const prompt = problem.prompt;
  const completion = arrows.demonstration(problem, new Random(1), 'reflective');
  const asked: string[] = [];
  for (const language of ['python', 'javascript'] as const) {
    const interpreter = {
      call: (code: string) => {
        asked.push(code);
        return Promise.resolve({ stdout: 'True\n', error: null, ms: 0 });
      },
      close: () => undefined,
    };
    const format = callFormat(bytes, 'block', language);
    const tools = { format, language, interpreter, maxCalls: 9, outputChars: 400, execute: true };
    await withCalls(arrows, [{ prompt, completion }], tools, bytes);
  }
  expect(asked[0]).toMatch(/^print\(\d+ == \d+\)$/);
  expect(asked.at(-1)).toMatch(/^print\(\d+ === \d+\)$/);
});

it('only tasks that are generated have them', () => {
  const countdown = taskByName('countdown');
  expect(hasDemonstrations(countdown)).toBe(true);
  const collected: Partial<GeneratedTask> = { ...countdown };
  delete collected.demonstration;
  expect(hasDemonstrations(collected as Task)).toBe(false);
});
