import { describe, expect, it } from 'vitest';
import { tokenIds, tokenizerConfigJson, tokenizerJson, tokenText } from '../../tasks/countdown/vocabulary';
import { Tokenizer } from '../../tokenizer/tokenizer';
import { Calculator } from '../../tools/calculator';
import { callFormat } from './format';
import { ofSampled, restoreMasks, sampledLength, saveMasks } from './mask';
import { toolMetrics } from './metrics';
import { ToolUse, type ToolSettings } from './use';

const tokenizer = new Tokenizer(tokenizerJson(), tokenizerConfigJson());
const settings: ToolSettings = {
  format: callFormat(tokenizer, 'tags', 'calculator'),
  language: 'calculator',
  interpreter: new Calculator({ output_chars: 400 }),
  maxCalls: 2,
  outputChars: 400,
  execute: true,
};
const ids = (text: string) => Uint32Array.from(tokenIds(text));

/** What the decoder does: asks after every token, inserts what it is given. */
async function write(use: ToolUse, texts: readonly string[]): Promise<Uint32Array> {
  let tokens = new Uint32Array();
  for (const text of texts) {
    tokens = Uint32Array.from([...tokens, ...ids(text)]);
    const cut = use.interrupt(0, tokens);
    if (!cut) continue;
    tokens = Uint32Array.from([...tokens.subarray(0, cut.kept), ...(await cut.insert)]);
  }
  return tokens;
}

describe('a response with calls', () => {
  it('is interrupted at the end of each, and goes on after its result', async () => {
    const use = new ToolUse(settings);
    // Some tokens were decoded past the first call before it was noticed.
    const tokens = await write(use, [
      '9 <tool> 4 * 2 <out> 63 wait',
      'so <tool> 2 - 5 <out>',
      '\\boxed{ 8 } <eos>',
    ]);
    expect(tokenText([...tokens])).toBe(
      '9 <tool> 4 * 2 <out> 8 </tool> so <tool> 2 - 5 <out> - 3 </tool> \\boxed{ 8 } <eos>',
    );
    const { calls, toolMask } = use.used(0, tokens);
    expect(calls).toMatchObject([
      { code: '4 * 2', output: '8', failed: false },
      { code: '2 - 5', output: '-3', failed: false },
    ]);
    expect(tokenText([...ofSampled(tokens, toolMask)])).toBe(
      '9 <tool> 4 * 2 <out> so <tool> 2 - 5 <out> \\boxed{ 8 } <eos>',
    );
    expect(sampledLength({ tokens, toolMask })).toBe(tokens.length - 5);
  });

  it('may make so many; the next is answered by an error', async () => {
    const use = new ToolUse(settings);
    const tokens = await write(
      use,
      Array.from({ length: 3 }, () => '<tool> 1 + 1 <out>'),
    );
    expect(tokenText([...tokens])).toMatch(/not <\/tool>$/);
    expect(use.used(0, tokens).calls.map(({ failed }) => failed)).toEqual([false, false, true]);
  });

  it('that was cut keeps the calls that are whole, and the part of the result that there was room for', async () => {
    const use = new ToolUse(settings);
    const tokens = await write(use, ['<tool> 2 - 5 <out>', '<tool> 1 + 1 <out>']);
    const { calls, toolMask } = use.used(0, tokens.subarray(0, 6));
    expect(calls).toHaveLength(1);
    expect([...toolMask!]).toEqual([1, 1, 1, 1, 1, 0]);
  });

  it('is not interrupted when nothing is to be run, and its calls are counted', () => {
    const use = new ToolUse({ ...settings, execute: false });
    const tokens = ids('<tool> 4 * 2 <out> 9 </tool> <tool> 1 + 1 <out>');
    expect(use.used(0, tokens)).toEqual({
      calls: ['4 * 2', '1 + 1'].map((code) => ({
        code,
        output: null,
        failed: false,
        timedOut: false,
        ms: 0,
      })),
    });
  });
});

it('masks come back from a checkpoint as they went in', () => {
  const responses = [Uint8Array.of(1, 0, 1), undefined, Uint8Array.of(1, 0)].map((toolMask, i) => ({
    tokens: new Uint32Array(toolMask?.length ?? i + 1),
    ...(toolMask && { toolMask }),
  }));
  const maskOf = restoreMasks(saveMasks('masks', responses).masks);
  for (const { tokens, toolMask } of responses) expect(maskOf(tokens.length).toolMask).toEqual(toolMask);
  expect(saveMasks('masks', [responses[1]])).toEqual({});
  expect(restoreMasks(undefined)(3)).toEqual({});
});

it('metrics: calls, failures, and how right responses with and without a call are', () => {
  const call = { code: '1', output: '1', failed: false, timedOut: false, ms: 1 };
  const response = (correct: boolean, calls: (typeof call)[]) => ({
    correct,
    calls,
    tokens: [1, 2, 3],
    ...(calls.length && { toolMask: Uint8Array.of(1, 0, 1) }),
  });
  const failed = { ...call, failed: true, timedOut: true };
  expect(
    toolMetrics([
      response(true, [call, call]),
      response(false, [call, failed]),
      response(true, []),
      response(true, []),
    ]),
  ).toEqual({
    'tools/call_frequency': 1,
    'tools/calling_ratio': 0.5,
    'tools/result_length': 0.5,
    'tools/failure_frequency': 0.25,
    'tools/timeout_frequency': 0.25,
    'tools/accuracy_with_call': 0.5,
    'tools/accuracy_without_call': 1,
  });
  expect(toolMetrics([{ correct: true, tokens: [1] }])).toEqual({});
  expect(Object.values(toolMetrics([response(true, [])])).every(Number.isFinite)).toBe(true);
});
