import { describe, expect, it } from 'vitest';
import { Random } from '../random';
import { conversationEncoder, promptEncoder } from '../rl/prompt';
import { BOS_ID, EOS_ID, tokenIds, tokenizerConfigJson, tokenizerJson } from '../tasks/countdown/vocabulary';
import { Tokenizer } from '../tokenizer/tokenizer';
import {
  DemonstrationError,
  encodeDemonstrations,
  parseDemonstrations,
  restoreExamples,
  saveExamples,
  type Prompt,
} from './dataset';

const user = { role: 'user', content: '9 8 2 -> 1 A:' };
const assistant = { role: 'assistant', content: '9 - 8 = 1' };
const jsonl = (...rows: unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n');

describe('a file of demonstrations', () => {
  it('has lines in any of TRL’s forms', () => {
    const system = { role: 'system', content: 'yes' };
    const text = jsonl(
      { messages: [system, user, assistant] },
      { prompt: user.content, completion: assistant.content, source: 'ignored' },
      { prompt: [user], completion: [assistant] },
    );
    expect(parseDemonstrations(`\uFEFF${text}\r\n\n`, 'data.jsonl')).toEqual([
      { prompt: [system, user], completion: assistant.content, line: 1 },
      { prompt: user.content, completion: assistant.content, line: 2 },
      { prompt: [user], completion: assistant.content, line: 3 },
    ]);
  });

  it('learns the last turn of a conversation; the answers before it belong to the prompt', () => {
    const again = { role: 'assistant', content: 'no' };
    const [{ prompt, completion }] = parseDemonstrations(
      jsonl({ messages: [user, again, user, assistant] }),
      'x',
    );
    expect(prompt).toEqual([user, again, user]);
    expect(completion).toBe(assistant.content);
  });

  it.each<[unknown, string]>([
    ['{', 'it is not JSON'],
    [[], 'it is not a JSON object'],
    [{}, 'it has neither "messages" nor a "prompt"'],
    [{ prompt: 'x' }, 'it has a "prompt" but no "completion"'],
    [{ prompt: 'x', completion: ' ' }, 'the answer in "completion" is empty'],
    [{ prompt: 'x', completion: 7 }, '"completion" is neither a text nor a list of turns'],
    [{ prompt: 'x', completion: [assistant, assistant] }, '"completion" has several turns'],
    [{ prompt: {}, completion: 'x' }, '"prompt" is neither a text nor a list of turns'],
    [{ prompt: [null], completion: 'x' }, 'turn 1 of "prompt" has no "role" and "content" that are texts'],
    [{ messages: [] }, '"messages" is empty'],
    [{ messages: [assistant] }, '"messages" has no turn before the answer'],
    [{ messages: [user, user] }, '"messages" does not end with a turn of the assistant'],
    [{ messages: [user, { ...assistant, content: [] }] }, 'turn 2 of "messages" has no'],
  ])('tells the line and what is wrong with %j', (row, message) => {
    const bad = typeof row === 'string' ? row : JSON.stringify(row);
    const parse = () =>
      parseDemonstrations(`${jsonl({ prompt: 'x', completion: 'y' })}\n\n${bad}`, 'data.jsonl');
    expect(parse).toThrow(DemonstrationError);
    expect(parse).toThrow(/^data\.jsonl: 1 of the demonstrations/);
    expect(parse).toThrow(`line 3: ${message}`);
    expect(parse).toThrow('nothing was trained');
  });

  it('shows the first few of many bad lines, and says when there is no demonstration at all', () => {
    expect(() => parseDemonstrations('x\n'.repeat(100), 'data.jsonl')).toThrow(
      /line 5: it is not JSON\n {2}and 95 more/,
    );
    expect(() => parseDemonstrations(' \n\n', 'data.jsonl')).toThrow('data.jsonl holds no demonstration');
  });
});

describe('tokens of demonstrations', () => {
  const config = tokenizerConfigJson();
  const tokenizer = new Tokenizer(tokenizerJson(), config);
  const question = promptEncoder(tokenizer, config);
  const conversation = conversationEncoder(tokenizer, config);
  const encodePrompt = (prompt: Prompt) =>
    typeof prompt === 'string' ? question(prompt) : conversation(prompt);
  const encode = (rows: unknown[], maxLength = 100) =>
    encodeDemonstrations(parseDemonstrations(jsonl(...rows), 'data'), tokenizer, encodePrompt, maxLength);

  it('are the prompt as the policy sees it, the completion and one end-of-sequence token', () => {
    const { examples, tooLong } = encode([
      { prompt: user.content, completion: assistant.content },
      { messages: [user, assistant] },
      { prompt: user.content, completion: `${assistant.content} <eos>` },
    ]);
    const expected = {
      promptIds: [BOS_ID, ...tokenIds(user.content)],
      tokens: Uint32Array.from([...tokenIds(assistant.content), EOS_ID]),
    };
    expect(examples).toEqual([expected, expected, expected]);
    expect(tooLong).toEqual([]);
  });

  it('leave out what is too long, whole, and tell of it', () => {
    const short = { prompt: user.content, completion: 'yes' };
    const long = { prompt: user.content, completion: 'yes no yes' };
    // <bos> and six words, "yes", <eos>
    const { examples, tooLong } = encode([short, long, short], 9);
    expect(examples).toHaveLength(2);
    expect(tooLong).toEqual([{ demonstration: { ...long, line: 2 }, tokens: 11 }]);
  });

  it('name the lines with words that the model does not know', () => {
    const rows = [
      { prompt: user.content, completion: 'yes' },
      { prompt: 'Hello', completion: 'yes' },
    ];
    expect(() => encode(rows)).toThrow(
      /1 of the demonstrations.*\n {2}line 2: The tokenizer does not know "Hello"/,
    );
  });

  it('name the lines whose turns need a chat template that the model has not', () => {
    const without = { ...config, chat_template: undefined };
    expect(() =>
      encodeDemonstrations(
        parseDemonstrations(jsonl({ messages: [user, assistant] }), 'data'),
        tokenizer,
        (prompt) => conversationEncoder(tokenizer, without)(prompt as never),
        100,
      ),
    ).toThrow('line 1: The model has no chat template');
  });

  it('need a prompt: there would be nothing to predict the first token from', () => {
    const demonstrations = [{ prompt: '', completion: 'yes' }];
    expect(() => encodeDemonstrations(demonstrations, tokenizer, () => [], 100)).toThrow(
      'demonstration 1: its prompt is empty',
    );
  });

  it('come back from a checkpoint as they went in', () => {
    const random = new Random(4);
    const ids = () => Array.from({ length: random.range(1, 9) }, () => random.int(2 ** 24));
    const examples = Array.from({ length: 20 }, (_, i) => {
      const tokens = Uint32Array.from(ids());
      const toolMask = tokens.map(() => random.int(2));
      return {
        promptIds: ids(),
        tokens,
        ...(i % 3 === 0 && toolMask.includes(0) && { toolMask: Uint8Array.from(toolMask) }),
      };
    });
    expect(restoreExamples(saveExamples(examples))).toEqual(examples);
    expect(restoreExamples({})).toBeUndefined();
  });
});
