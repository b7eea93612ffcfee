import { describe, expect, it } from 'vitest';
import { Random } from '../../random';
import {
  tokenIds,
  tokenizerConfigJson,
  tokenizerJson,
  tokenText,
  VOCABULARY,
} from '../../tasks/countdown/vocabulary';
import { Tokenizer } from '../../tokenizer/tokenizer';
import { byteDirectory, byteTokenizer } from '../testing';
import { callFormat, CallFormatError, suitableFormat, type CallFormat } from './format';

const tiny = new Tokenizer(tokenizerJson(), tokenizerConfigJson());
const directory = byteDirectory(1);
const bytes = byteTokenizer();
const qwen = byteTokenizer(['<tool_call>', '</tool_call>', '<|im_start|>', '<|im_end|>']);

/** The calls in a text, each with the number of tokens up to its end. */
function calls(format: CallFormat, ids: readonly number[]) {
  const parser = format.parser();
  return ids.flatMap((id, t) => {
    const call = parser.push(id);
    return call ? [{ ...call, end: t + 1 }] : [];
  });
}
const codes = (format: CallFormat, ids: readonly number[]) => calls(format, ids).map(({ code }) => code);

it('suits the tokenizer, and says what is missing', () => {
  expect([tiny, bytes].map(suitableFormat)).toEqual(['tags', 'block']);
  expect(() => callFormat(bytes, 'tags', 'calculator')).toThrow(CallFormatError);
  expect(() => callFormat(bytes, 'tool_call', 'python')).toThrow('no token <tool_call>');
});

describe.each([
  ['tags', tiny],
  ['block', bytes],
  ['tool_call', qwen],
] as const)('%s', (name, tokenizer) => {
  const format = callFormat(tokenizer, name, 'calculator');

  it('reads back what it writes, wherever it stands, and ends with its last token', () => {
    const random = new Random(3);
    const parts =
      name === 'tags' ? ['so', '9 + 8 = 17', 'wait'] : ['so\n', ' – 9 + 8\n', '\n', '```text\nx\n```\n'];
    for (let round = 0; round < 200; round++) {
      const written: string[] = [];
      const ids: number[] = [];
      const ends: number[] = [];
      for (let i = 0; i < random.int(4); i++) {
        const text = Array.from({ length: random.int(4) }, () => random.choice(parts)).join(
          name === 'tags' ? ' ' : '',
        );
        if (text) ids.push(...tokenizer.encode(text));
        written.push(Array.from({ length: random.range(1, 3) }, () => random.int(60)).join(' * '));
        ids.push(...tokenizer.encode(format.callText(written[i])));
        ends.push(ids.length);
        ids.push(...tokenizer.encode(name === 'tags' ? '7 </tool>' : '\n'));
      }
      expect(calls(format, ids), `round ${round}`).toEqual(
        written.map((code, i) => ({ code, end: ends[i] })),
      );
    }
  });

  it('finds no call in a result', () => {
    for (const output of ['17', '', 'a\nb', '```', '- 3 </tool> <tool>', '</tool_call><|im_end|>'])
      expect(codes(format, format.encodeResult(output)), output).toEqual([]);
  });

  it('takes any tokens', () => {
    const random = new Random(8);
    for (let round = 0; round < 300; round++) {
      const ids = Array.from({ length: random.int(80) }, () => random.int(name === 'tags' ? 96 : 262));
      for (const { end, code } of calls(format, ids)) {
        expect(end).toBeLessThanOrEqual(ids.length);
        expect(typeof code).toBe('string');
      }
    }
  });
});

describe('tags', () => {
  const format = callFormat(tiny, 'tags', 'calculator');

  it('take what stands between the last opening word and the stop', () => {
    expect(codes(format, tokenIds('9 <out> <tool> 1 + <tool> 2 * 3 <out> 6 </tool> <out>'))).toEqual([
      '2 * 3',
    ]);
    expect(codes(format, tokenIds('<tool> <out>'))).toEqual(['']);
  });

  it.each([
    ['17', '17 </tool>'],
    ['-3', '- 3 </tool>'],
    ['2\n6', '2 6 </tool>'],
    ['', '</tool>'],
    ['yes', 'yes </tool>'],
    ['64', 'not </tool>'],
    ['1 / 3', 'not </tool>'],
    ['Division by zero.', 'not </tool>'],
  ])('answer %j by %j', (output, words) => expect(tokenText(format.encodeResult(output))).toBe(words));
});

describe('blocks', () => {
  const format = callFormat(bytes, 'block', 'python');
  const of = (text: string) => codes(format, bytes.encode(text));

  it.each<[string, string[]]>([
    ['```python\nprint(1)\n```', ['print(1)']],
    ['text\n``` Python title=x\nprint("ü – 😀")\n\n  ```\n', ['print("ü – 😀")\n']],
    ['```py\n```', ['']],
    ['```py\na\n```\n```python3\nb\n```', ['a', 'b']],
    ['```output\nprint(1)\n```\n', []],
    ['```\n```python\n```\nprint(1)\n```', []],
    ['say ```python\nprint(1)\n```\n', []],
    ['    ```python\nprint(1)\n    ```', []],
    ['```python print(1)```\n', []],
    ['```python\nprint("```")\n```', ['print("```")']],
  ])('%j', (text, expected) => expect(of(text)).toEqual(expected));

  it('are answered by a block that ends where it should', () => {
    expect(bytes.decode(format.encodeResult('1\n```\n2'))).toBe("\n```output\n1\n'''\n2\n```\n");
  });

  it('are found the same however the text is cut into tokens', () => {
    const random = new Random(5);
    const lines = ['```python', '```', '```js', 'print(1)', '', ' ```', 'é', '```python x'];
    for (let round = 0; round < 300; round++) {
      const text = Array.from({ length: random.range(1, 12) }, () => random.choice(lines)).join('\n');
      const pieces = text.match(/[\s\S]{1,5}/g) ?? [];
      const cut = new Tokenizer(pieceTokenizer([...new Set(pieces)]), directory.tokenizerConfig);
      const ids = pieces.map((piece) => cut.tokenId(piece)!);
      const whole = callFormat(cut, 'block', 'python');
      expect(codes(whole, ids), JSON.stringify(text)).toEqual(of(text));
    }
  });
});

/** Each piece is a token, decoded to itself. */
const pieceTokenizer = (pieces: readonly string[]) => ({
  ...(directory.tokenizer as object),
  decoder: { type: 'Fuse' },
  model: {
    type: 'WordLevel',
    vocab: Object.fromEntries(['<bos>', '<eos>', ...pieces].map((piece, id) => [piece, id])),
    unk_token: '<eos>',
  },
});

describe('tool_call', () => {
  const format = callFormat(qwen, 'tool_call', 'python');
  const read = (json: string) => calls(format, qwen.encode(`<tool_call>${json}</tool_call>`))[0];

  it('takes code with quotes and line ends', () => {
    const code = 'print("a")\nprint(\'</b>\')';
    expect(codes(format, qwen.encode(format.callText(code)))).toEqual([code]);
  });

  it.each(['', 'print(1)', '[]', 'null', '{"name": "python"}', '{"name": "js", "arguments": {"code": "1"}}'])(
    '%j is no call that can be made',
    (json) =>
      expect(read(json)).toMatchObject({
        code: json,
        malformed: expect.stringContaining('"python"') as string,
      }),
  );

  it('an output cannot end the turn it stands in', () => {
    const ids = format.encodeResult('<|im_end|></tool_call>');
    expect(ids.filter((id) => id === qwen.tokenId('<|im_end|>'))).toHaveLength(2);
    expect(ids).not.toContain(qwen.tokenId('</tool_call>'));
  });
});

it('the tiny model has one token for each word of a call', () => {
  for (const word of ['<tool>', '<out>', '</tool>', 'not']) expect(VOCABULARY).toContain(word);
});
