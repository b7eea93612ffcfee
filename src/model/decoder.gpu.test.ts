/** Generation with a random tiny model: what a response depends on, and what it does not. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gpu } from '../gpu/device';
import { sharedGpu } from '../gpu/testing';
import { Random } from '../random';
import { packSequences } from './batch';
import { Decoder, type Completion, type GenerationLimits, type GenerationRequest } from './decoder';
import { Model } from './model';
import { TINY_CONFIG, tinyTensors } from './testing';
import { Scorer } from './trainer';

const SEED = 7;
const MAX_LENGTH = 40;
const random = new Random(SEED);
const words = (count: number) =>
  Array.from({ length: count }, () => random.range(3, TINY_CONFIG.vocabSize - 1));

/** Prompts of 1 to 9 tokens. */
const requests: GenerationRequest[] = Array.from({ length: 24 }, (_, stream) => ({
  prompt: words(random.range(1, 9)),
  stream,
}));
const sampling = { temperature: 0.9, topK: 0, topP: 1, seed: SEED, stream: 3 };
/** Any of eight words ends a response, so that lengths differ much. */
const limits: GenerationLimits = {
  maxNewTokens: 24,
  stopIds: [2, 10, 20, 30, 40, 50, 60, 70],
  bannedIds: [],
};

let gpu: Gpu;
let model: Model;
let decoder: Decoder;
let plain: Completion[];

beforeAll(async () => {
  gpu = await sharedGpu();
  model = new Model(gpu, TINY_CONFIG);
  model.upload(tinyTensors(SEED), 'model.safetensors');
  decoder = await openDecoder(16);
  plain = await decoder.generate(requests, sampling, limits);
});
afterAll(async () => {
  await gpu.settle();
  decoder.destroy();
  model.destroy();
  expect(gpu.allocatedBytes).toBe(0);
});

async function openDecoder(slots: number): Promise<Decoder> {
  const made = new Decoder(model, { slots, maxLength: MAX_LENGTH });
  await made.prepare();
  return made;
}

const tokensOf = (completions: readonly Completion[]) => completions.map((c) => [...c.tokens]);

/** Log-prob and likeliest id that the trainer's forward pass gives for each token of the completions. */
async function score(completions: readonly Completion[], temperature: number, asked = requests) {
  const sequences = completions.map((c, i) => ({
    ids: [...Array.from(asked[i].prompt), ...c.tokens],
    promptLength: asked[i].prompt.length,
  }));
  const batch = packSequences(sequences);
  const scorer = new Scorer(model, batch.tokens, MAX_LENGTH);
  await scorer.prepare();
  scorer.forward(batch, temperature);
  const stats = await scorer.stats();
  scorer.destroy();
  let end = 0;
  return completions.map((c, i) => {
    end += sequences[i].ids.length;
    const from = end - c.tokens.length - 1;
    return { logps: stats.logp.slice(from, end - 1), argmax: stats.argmax.slice(from, end - 1) };
  });
}

function largestDifference(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  return Math.max(...a.flatMap((row, i) => [...row].map((x, t) => Math.abs(x - b[i][t]))));
}

describe('a response', () => {
  it.each([1, 3])('is the same with %d slots as with 16', async (slots) => {
    const narrow = await openDecoder(slots);
    const completions = await narrow.generate(requests, sampling, limits);
    narrow.destroy();
    expect(tokensOf(completions)).toEqual(tokensOf(plain));
    const [a, b] = [completions, plain].map((all) => all.map((c) => c.logps));
    expect(largestDifference(a, b)).toBeLessThan(1e-5);
  });

  it('does not depend on its neighbours or on its place in the queue', async () => {
    const backwards = await decoder.generate(requests.toReversed(), sampling, limits);
    expect(tokensOf(backwards.toReversed())).toEqual(tokensOf(plain));
    const [alone] = await decoder.generate([requests[5]], sampling, limits);
    expect(tokensOf([alone])).toEqual(tokensOf([plain[5]]));
  });

  it('is the same whether its prompt was computed or copied, in one pass or in several', async () => {
    const template = words(16);
    const long = [
      ...Array.from({ length: 16 }, () => words(30)),
      ...Array.from({ length: 4 }, () => [...template, ...words(14)]),
    ];
    // The first 16 are 464 tokens to compute, more than a pass takes; the others come in groups of two.
    const asked = [...long, ...long.slice(16)].map((prompt, stream) => ({ prompt, stream }));
    const together = await decoder.generate(asked, sampling, limits);
    const alone: Completion[] = [];
    for (const request of asked.slice(14))
      alone.push(...(await decoder.generate([request], sampling, limits)));
    expect(tokensOf(together.slice(14))).toEqual(tokensOf(alone));
    const scored = await score(together, sampling.temperature, asked);
    expect(
      largestDifference(
        together.map((c) => c.logps),
        scored.map((s) => s.logps),
      ),
    ).toBeLessThan(1e-4);
  });

  it('depends on the seed, on the use of the seed and on its own stream', async () => {
    const again = (settings: object, asked = requests) =>
      decoder.generate(asked, { ...sampling, ...settings }, limits).then(tokensOf);
    expect(await again({})).toEqual(tokensOf(plain));
    expect(await again({ seed: SEED + 1 })).not.toEqual(tokensOf(plain));
    expect(await again({ stream: sampling.stream + 1 })).not.toEqual(tokensOf(plain));
    const twins = await again(
      {},
      [0, 1].map((stream) => ({ prompt: requests[0].prompt, stream })),
    );
    expect(twins[0]).not.toEqual(twins[1]);
  });

  it('ends with its first stop token, or at the limit', () => {
    for (const { tokens, finished } of plain) {
      const stop = tokens.findIndex((id) => limits.stopIds.includes(id));
      expect(finished).toBe(stop >= 0);
      expect(tokens).toHaveLength(finished ? stop + 1 : limits.maxNewTokens);
    }
    const ends = plain.map((c) => c.finished);
    expect([ends.includes(true), ends.includes(false)], 'both ways occur here').toEqual([true, true]);
  });

  it('ends where there is no more room for it', async () => {
    const prompts = [MAX_LENGTH - 1, MAX_LENGTH - 10].map((length, stream) => ({
      prompt: words(length),
      stream,
    }));
    const completions = await decoder.generate(prompts, sampling, { ...limits, stopIds: [] });
    expect(completions.map((c) => c.tokens.length)).toEqual([1, 10]);
    expect(completions.map((c) => c.finished)).toEqual([false, false]);
  });
});

describe('sampling', () => {
  it('gives the log-probs that the trainer computes', async () => {
    const scored = await score(plain, sampling.temperature);
    const got = plain.map((c) => c.logps);
    expect(
      largestDifference(
        got,
        scored.map((s) => s.logps),
      ),
    ).toBeLessThan(1e-4);
  });

  it('at temperature 0 takes the likeliest token, as top-k 1 does at any', async () => {
    const greedy = await decoder.generate(requests, { ...sampling, temperature: 0 }, limits);
    const scored = await score(greedy, 1);
    greedy.forEach((c, i) => expect([...c.tokens]).toEqual([...scored[i].argmax]));
    const topOne = await decoder.generate(requests, { ...sampling, topK: 1 }, limits);
    expect(tokensOf(topOne)).toEqual(tokensOf(greedy));
  });

  it.each([0, 0.9])('never takes a banned token (temperature %d)', async (temperature) => {
    const allowed = [5, 17, 95];
    const bannedIds = Array.from({ length: TINY_CONFIG.vocabSize }, (_, id) => id).filter(
      (id) => !allowed.includes(id),
    );
    const completions = await decoder.generate(
      requests,
      { ...sampling, temperature },
      { ...limits, bannedIds },
    );
    const seen = new Set(completions.flatMap((c) => [...c.tokens]));
    expect(allowed).toEqual(expect.arrayContaining([...seen]));
    expect(completions.every((c) => c.tokens.length === limits.maxNewTokens)).toBe(true);
    if (temperature > 0) expect([...seen].sort((a, b) => a - b)).toEqual(allowed);
  });
});

describe('generate', () => {
  it('answers in the order of the requests and tells how far it is', async () => {
    const narrow = await openDecoder(2);
    const told: number[] = [];
    const completions = await narrow.generate(requests, sampling, limits, {
      onProgress: (done, total) => told.push(done, total),
    });
    narrow.destroy();
    expect(tokensOf(completions)).toEqual(tokensOf(plain));
    const done = told.filter((_, i) => i % 2 === 0);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(told.slice(-2)).toEqual([requests.length, requests.length]);
    expect(await decoder.generate([], sampling, limits)).toEqual([]);
  });

  it('can be broken off at any time, and goes on as if nothing had been', async () => {
    const before = gpu.allocatedBytes;
    for (const patience of [0, 1, 2, 3]) {
      let asked = 0;
      const stop = new Error('enough');
      const broken = decoder.generate(requests, sampling, limits, {
        checkAborted: () => {
          if (asked++ === patience) throw stop;
        },
      });
      await expect(broken).rejects.toBe(stop);
      expect(gpu.allocatedBytes).toBe(before);
      expect(tokensOf(await decoder.generate(requests, sampling, limits))).toEqual(tokensOf(plain));
    }
  });

  it('refuses prompts it cannot complete', async () => {
    const ask = (prompt: number[]) => decoder.generate([{ prompt, stream: 0 }], sampling, limits);
    await expect(ask([])).rejects.toThrow('at least one token');
    await expect(ask(words(MAX_LENGTH))).rejects.toThrow('leaves no room: the limit is 40');
  });
});
