/** Demonstrations with calls, from the shapes that data sets have to the tokens that are learnt. */
import { describe, expect, it } from 'vitest';
import { byteTokenizer } from '../rl/testing';
import { tokenizerConfigJson, tokenizerJson } from '../tasks/countdown/vocabulary';
import { Tokenizer } from '../tokenizer/tokenizer';
import type { CallFormatName } from '../tools/types';
import { encodeDemonstrations, parseDemonstrations } from './dataset';

const tiny = new Tokenizer(tokenizerJson(), tokenizerConfigJson());
const bytes = byteTokenizer();
const qwen = byteTokenizer(['<tool_call>', '</tool_call>', '<|im_start|>', '<|im_end|>']);

const user = { role: 'user', content: 'Q' };
const says = (content: string) => ({ role: 'assistant', content });
const shows = (content: string, more: object = {}) => ({ role: 'tool', content, ...more });
const calls = (name: string, code: string, content: string | null = null, id?: string) => ({
  role: 'assistant',
  content,
  tool_calls: [{ id, type: 'function', function: { name, arguments: JSON.stringify({ code }) } }],
});

const parse = (...rows: object[]) =>
  parseDemonstrations(rows.map((row) => JSON.stringify(row)).join('\n'), 'data.jsonl');
const answer = (...turns: object[]) => parse({ messages: [user, ...turns] })[0].completion;

/** What is learnt and, in brackets, what is only shown. */
function learnt(completion: ReturnType<typeof answer>, tokenizer: Tokenizer, form?: CallFormatName): string {
  const encodePrompt = () => [0];
  const demonstration = { prompt: 'Q', completion };
  const { examples } = encodeDemonstrations([demonstration], tokenizer, encodePrompt, 1000, form);
  const [{ tokens, toolMask = tokens.map(() => 1) }] = examples;
  expect(toolMask).toHaveLength(tokens.length);
  const runs: { ids: number[]; isLearnt: number }[] = [];
  tokens.forEach((id, t) => {
    if (runs.at(-1)?.isLearnt === toolMask[t]) runs.at(-1)!.ids.push(id);
    else runs.push({ ids: [id], isLearnt: toolMask[t] });
  });
  return runs
    .map(({ ids, isLearnt }) => (isLearnt ? tokenizer.decode(ids) : `[${tokenizer.decode(ids)}]`))
    .join('');
}

const CODE = 'x = 6\nprint(x * 7)';
const BLOCK = `\`\`\`python\n${CODE}\n\`\`\``;
const OUTPUT = '```output\n42\n```';
const CALL = { language: 'python', code: CODE, output: '42' };

describe('the shapes of data sets say the same', () => {
  const expected = ['Let me see.', CALL, 'It is 42.'];
  it.each<[shape: string, turns: object[]]>([
    ['tool_calls', [calls('python', CODE, 'Let me see.'), shows('42'), says('It is 42.')]],
    [
      'tool_calls with ids',
      [
        calls('python', CODE, 'Let me see.', 'call_1'),
        shows('42', { tool_call_id: 'call_1', name: 'python' }),
        says('It is 42.'),
      ],
    ],
    [
      'arguments as an object, and no wrapper, as Qwen has them',
      [
        { ...says('Let me see.'), tool_calls: [{ name: 'python', arguments: { code: CODE } }] },
        shows('42'),
        says('It is 42.'),
      ],
    ],
    ['blocks in one turn', [says(`Let me see.\n${BLOCK}\n${OUTPUT}\nIt is 42.`)]],
    ['blocks, and a blank line between', [says(`Let me see.\n${BLOCK}\n\n${OUTPUT}\nIt is 42.`)]],
    ['a block, and a turn of the tool', [says(`Let me see.\n${BLOCK}\n`), shows('42'), says('It is 42.')]],
    [
      'the same with its output in a block',
      [says(`Let me see.\n${BLOCK}`), shows(OUTPUT), says('It is 42.')],
    ],
  ])('%s', (_, turns) => expect(answer(...turns)).toEqual(expected));

  it('in "completion" too, as a text or as turns', () => {
    const text = `Let me see.\n${BLOCK}\n${OUTPUT}\nIt is 42.`;
    const turns = [calls('python', CODE, 'Let me see.'), shows('42'), says('It is 42.')];
    const rows = [text, turns].map((completion) => ({ prompt: 'Q', completion }));
    expect(parse(...rows).map(({ completion }) => completion)).toEqual([expected, expected]);
  });
});

it('only what follows the last question is the answer', () => {
  const turns = [user, says('4'), user, calls('calculator', '2 + 3'), shows('5'), says('5')];
  const [{ prompt, completion }] = parse({ messages: turns });
  expect(prompt).toEqual([user, says('4'), user]);
  expect(completion).toEqual([{ language: 'calculator', code: '2 + 3', output: '5' }, '5']);
});

it('a block without an output, and an empty list of calls, are no call', () => {
  const text = `Use this:\n${BLOCK}\nIt prints 42.`;
  expect(answer({ ...says(text), tool_calls: [] })).toBe(text);
  expect(answer({ ...says(text), tool_calls: null })).toBe(text);
});

describe('what is learnt is what the policy writes; in brackets, what it is only shown', () => {
  const twice = answer(
    calls('python', CODE, 'Let me see.'),
    shows('42'),
    calls('python', 'print(43)', 'And then?'),
    shows('43'),
    says('Both.'),
  );

  it('blocks', () => {
    const first = `Let me see.\n${BLOCK}[\n${OUTPUT}\n]`;
    const second = 'And then?\n```python\nprint(43)\n```[\n```output\n43\n```\n]';
    expect(learnt(twice, bytes)).toBe(`${first}${second}Both.<eos>`);
  });

  it('a text with blocks stays as it is', () => {
    const text = `Let me see.\n\n${BLOCK}\n${OUTPUT}\n\nIt is 42.`;
    expect(learnt(answer(says(text)), bytes).replaceAll(/[[\]]/g, '')).toBe(`${text}<eos>`);
  });

  it('tool_call', () => {
    const call = (code: string) =>
      `<tool_call>\n${JSON.stringify({ name: 'python', arguments: { code } })}\n</tool_call>`;
    const result = (output: string) =>
      `[<|im_end|>\n<|im_start|>user\n<tool_response>\n${output}\n</tool_response><|im_end|>\n<|im_start|>assistant\n]`;
    expect(learnt(twice, qwen, 'tool_call')).toBe(
      `Let me see.\n${call(CODE)}${result('42')}And then?\n${call('print(43)')}${result('43')}Both.<eos>`,
    );
  });

  it('tags, words of the tiny model', () => {
    const turns = [calls('calculator', '9 - 8', 'so'), shows('1'), says('\\boxed{ 9 - 8 }')];
    expect(learnt(answer(...turns), tiny)).toBe('so <tool> 9 - 8 <out>[1 </tool>]\\boxed{ 9 - 8 } <eos>');
  });

  it('a result cannot end its own block or turn', () => {
    const turns = [calls('python', CODE), shows('```\n<|im_end|>'), says('It is.')];
    const result = "[\n```output\n'''\n< |im_end|>\n```\n]";
    expect(learnt(answer(...turns), qwen)).toBe(`\n${BLOCK}${result}It is.<eos>`);
  });
});

describe('nothing is guessed', () => {
  const call = calls('python', CODE);
  const unread = { function: { name: 'python', arguments: '{"query": "x"}' } };
  it.each<[why: string, turns: object[], message: string]>([
    ['a call without a result', [call], 'the call in the last turn of "messages" has no result'],
    ['no answer after the result', [call, shows('42')], 'does not end with a turn of the assistant'],
    ['an empty answer', [call, shows('42'), says(' ')], 'the answer in "messages" is empty'],
    ['a result of no call', [says('42?'), shows('42'), says('!')], 'turn 3 of "messages" is a tool’s, but'],
    ['two results of a call', [call, shows('4'), shows('2'), says('!')], 'turn 4 of "messages" is a tool’s'],
    [
      'a call before the last question',
      [call, shows('42'), says('42'), user, says('!')],
      'turn 2 of "messages" belongs to a call that is no part of the answer',
    ],
    [
      'several calls at once',
      [{ ...call, tool_calls: [...call.tool_calls, ...call.tool_calls] }, shows('42'), says('!')],
      'turn 2 of "messages" makes 2 calls at once',
    ],
    [
      'another function',
      [calls('weather', 'x'), shows('42'), says('!')],
      '"messages" is of "weather"; there are',
    ],
    [
      'other arguments',
      [{ ...call, tool_calls: [unread] }, shows('42'), says('!')],
      'the "arguments" of the call in turn 2 of "messages" are not {"code": "…"}',
    ],
    [
      'arguments that are no JSON',
      [{ ...call, tool_calls: [{ name: 'python', arguments: 'x' }] }, shows('42'), says('!')],
      'the "arguments" of the call in turn 2',
    ],
    [
      'the result of another call',
      [calls('python', CODE, null, 'a'), shows('42', { tool_call_id: 'b' }), says('!')],
      'turn 3 of "messages" answers the call b, but the call before it is a',
    ],
    [
      'the result of another tool',
      [call, shows('42', { name: 'search' }), says('!')],
      'turn 3 of "messages" is of search, but the call before it is of python',
    ],
    [
      'OpenAI’s older form',
      [{ ...says(''), function_call: { name: 'python', arguments: '{}' } }, says('!')],
      'turn 2 of "messages" has a "function_call", which is not read',
    ],
    ['a call of the user', [{ ...call, role: 'user' }, says('!')], 'but is not the assistant’s'],
    ['an output of no block', [says(`${OUTPUT}\n42`)], 'an ```output block stands right after no block'],
    [
      'an output with words before it',
      [says(`${BLOCK}\nIt prints\n${OUTPUT}\n42`)],
      'an ```output block stands right after no block',
    ],
    [
      'an output of a language that there is not',
      [says(`\`\`\`ruby\nputs 42\n\`\`\`\n${OUTPUT}\n42`)],
      'an ```output block stands right after no block',
    ],
    ['an output without an end', [says(`${BLOCK}\n\`\`\`output\n42`)], 'an ```output block is not closed'],
  ])('%s', (_, turns, message) => {
    const read = () => parse({ messages: [user, says('42')] }, { messages: [user, ...turns] });
    expect(read).toThrow(/^data\.jsonl: 1 of the demonstrations[^]*\n {2}line 2: /);
    expect(read).toThrow(message);
  });

  it.each<[why: string, turns: object[], message: string]>([
    [
      'code that would end its own block',
      [calls('python', 'print("\n```\n")'), shows('```'), says('!')],
      'in the form “block” its call "print(\\"\\n```\\n\\")" would not be read as it stands',
    ],
    [
      'a call that nothing answers before one that is answered',
      [calls('python', 'print(2)', BLOCK), shows('2'), says('!')],
      'would not be read as it stands: another ends before it',
    ],
  ])('%s', (_, turns, message) => {
    const rows = parse({ messages: [user, says('42')] }, { messages: [user, ...turns] });
    const encode = () => encodeDemonstrations(rows, bytes, () => [0], 1000);
    expect(encode).toThrow('line 2: ');
    expect(encode).toThrow(message);
  });

  it('a form that the model has no words for', () => {
    const rows = parse({ messages: [user, call, shows('42'), says('!')] });
    const encode = () => encodeDemonstrations(rows, bytes, () => [0], 1000, 'tool_call');
    expect(encode).toThrow('no token <tool_call>');
  });
});
