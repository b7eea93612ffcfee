/** Responses that are interrupted and go on after tokens that were inserted. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Gpu } from '../gpu/device';
import { sharedGpu } from '../gpu/testing';
import { Random } from '../random';
import { Decoder, type Completion, type GenerationHooks, type GenerationRequest } from './decoder';
import { Model } from './model';
import { TINY_CONFIG, tinyTensors } from './testing';

const SEED = 9;
const MAX_LENGTH = 48;
const MAX_NEW_TOKENS = 36;
const sampling = { temperature: 0.9, topK: 0, topP: 1, seed: SEED, stream: 3 };
const limits = { maxNewTokens: MAX_NEW_TOKENS, stopIds: [2, 30], bannedIds: [] };
/** After any of these a response is interrupted. */
const isCall = (id: number) => id % 9 === 5;

const random = new Random(SEED);
const words = (count: number) =>
  Array.from({ length: count }, () => random.range(3, TINY_CONFIG.vocabSize - 1));
const requests: GenerationRequest[] = Array.from({ length: 16 }, (_, stream) => ({
  prompt: words(random.range(1, 9)),
  stream,
}));

let gpu: Gpu;
let model: Model;
/** What each response must be. */
let expected: { tokens: number[]; logps: number[] }[];
beforeAll(async () => {
  gpu = await sharedGpu();
  model = new Model(gpu, TINY_CONFIG);
  model.upload(tinyTensors(SEED), 'model.safetensors');
  expected = await withDecoder(16, inTurns);
});
afterAll(async () => {
  await gpu.settle();
  model.destroy();
  expect(gpu.allocatedBytes).toBe(0);
});

async function withDecoder<T>(slots: number, work: (decoder: Decoder) => Promise<T>): Promise<T> {
  const decoder = new Decoder(model, { slots, maxLength: MAX_LENGTH });
  await decoder.prepare();
  try {
    return await work(decoder);
  } finally {
    decoder.destroy();
  }
}

/** What follows a call: one to three ids that depend on what was written. */
const insertionAfter = (kept: Uint32Array): number[] =>
  Array.from({ length: 1 + (kept.length % 3) }, (_, i) => 3 + ((kept.at(-1)! * 7 + i) % 60));

/** Interrupts at most three times a response; each insertion comes when `delay` has passed. */
function interrupting(delay: (request: number) => Promise<void>): GenerationHooks {
  const seen = new Map<number, { tokens: number; calls: number }>();
  return {
    interrupt(request, tokens) {
      const own = seen.get(request) ?? { tokens: 0, calls: 0 };
      seen.set(request, own);
      while (own.tokens < tokens.length) {
        if (!isCall(tokens[own.tokens++]) || own.calls === 3) continue;
        own.calls++;
        const kept = own.tokens;
        const inserted = insertionAfter(tokens.slice(0, kept));
        own.tokens += inserted.length;
        return { kept, insert: delay(request).then(() => inserted) };
      }
      return undefined;
    },
  };
}

/**
 * The same without interruptions: all are asked for, cut after a call, and those that were are asked for again with the
 * insertion in their prompts.
 */
async function inTurns(decoder: Decoder): Promise<{ tokens: number[]; logps: number[] }[]> {
  const all = requests.map(({ prompt, stream }) => ({
    ids: Array.from(prompt),
    logps: [] as number[],
    limit: Math.min(MAX_LENGTH, prompt.length + MAX_NEW_TOKENS),
    begin: prompt.length,
    isDone: false,
    stream,
  }));
  for (let calls = 0; all.some(({ isDone }) => !isDone); calls++) {
    const asked = all.filter(({ isDone }) => !isDone);
    const prompts = asked.map(({ ids, stream }) => ({ prompt: [...ids], stream }));
    const completions = await decoder.generate(prompts, sampling, limits);
    asked.forEach((response, i) => {
      const { ids, logps, limit, begin } = response;
      const tokens = [...completions[i].tokens].slice(0, limit - ids.length);
      const at = calls < 3 ? tokens.findIndex(isCall) : -1;
      const written = at < 0 ? tokens : tokens.slice(0, at + 1);
      ids.push(...written);
      logps.push(...completions[i].logps.subarray(0, written.length));
      if (at >= 0) {
        const inserted = insertionAfter(Uint32Array.from(ids.slice(begin))).slice(0, limit - ids.length);
        ids.push(...inserted);
        logps.push(...inserted.map(() => NaN));
      }
      response.isDone = at < 0 || ids.length === limit;
    });
  }
  return all.map(({ ids, begin, logps }) => ({ tokens: ids.slice(begin), logps }));
}

const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const DELAYS: Record<string, (request: number) => Promise<void>> = {
  'at once': () => Promise.resolve(),
  'one after the other': (request) => later(3 * (request % 5)),
  'after all others are done': (request) => later(request === 1 ? 300 : 0),
};

it.each([3, 16].flatMap((slots) => Object.keys(DELAYS).map((delay) => [slots, delay] as const)))(
  'with %d slots and insertions %s, they are as if asked for in turns',
  (slots, delay) =>
    withDecoder(slots, async (decoder) => {
      const completions = await decoder.generate(requests, sampling, limits, interrupting(DELAYS[delay]));
      let interrupted = 0;
      completions.forEach(({ tokens, logps }, i) => {
        expect([...tokens], `response ${i}`).toEqual(expected[i].tokens);
        expected[i].logps.forEach((logp, t) => {
          if (Number.isNaN(logp)) interrupted++;
          else expect(Math.abs(logps[t] - logp)).toBeLessThan(1e-5);
        });
      });
      expect(interrupted).toBeGreaterThan(15);
    }),
);

it('the last response ends with an insertion that leaves no room', () =>
  withDecoder(1, async (decoder) => {
    const long = Array.from({ length: MAX_LENGTH }, () => 4);
    const [{ tokens }] = await decoder.generate([requests[0]], sampling, limits, {
      interrupt: (_, { length }) =>
        length > 0 ? { kept: 1, insert: later(20).then(() => long) } : undefined,
    });
    expect([...tokens]).toEqual([expected[0].tokens[0], ...long.slice(0, MAX_NEW_TOKENS - 1)]);
  }));

it('a hook that never interrupts changes nothing', () =>
  withDecoder(8, async (decoder) => {
    const tokens = (all: Completion[]) => all.map((c) => [...c.tokens]);
    const seen: number[] = [];
    const watched = await decoder.generate(requests, sampling, limits, {
      interrupt: (request, tokens) => void (seen[request] = tokens.length),
    });
    expect(tokens(watched)).toEqual(tokens(await decoder.generate(requests, sampling, limits)));
    // Every response was seen whole before it was given back.
    expect(seen).toEqual(watched.map((c) => c.tokens.length));
  }));

it('ends with what an insertion is rejected with, or when it is broken off, and can go on', () =>
  withDecoder(4, async (decoder) => {
    const before = gpu.allocatedBytes;
    const broken = new Error('no interpreter');
    const rejected = decoder.generate(
      requests,
      sampling,
      limits,
      interrupting(() => Promise.reject(broken)),
    );
    await expect(rejected).rejects.toBe(broken);
    let asked = 0;
    const stopped = decoder.generate(requests, sampling, limits, {
      ...interrupting(() => later(50)),
      checkAborted: () => {
        if (asked++ === 3) throw broken;
      },
    });
    await expect(stopped).rejects.toBe(broken);
    expect(gpu.allocatedBytes).toBe(before);
    expect(await decoder.generate(requests, sampling, limits)).toHaveLength(requests.length);
  }));
