import {
  sample,
  samplingUniform,
  slotState,
  slotWords,
  type SamplingSettings,
  type SlotState,
} from '../kernels/decode';
import type { Bench } from './bench';

export const samplingDefaults: SamplingSettings = { temperature: 1, topK: 0, topP: 1, seed: 0, stream: 0 };

export interface SamplerInput {
  /** One row for each live slot: [rows, vocab]. */
  logits: Float32Array;
  vocab: number;
  slots: readonly SlotState[];
  maxLength: number;
  settings?: Partial<SamplingSettings>;
  /** The live slots; all of them in order unless given. */
  rowSlots?: Uint32Array;
  /** Tokens that are never drawn. */
  banned?: readonly number[];
  /** Tokens that end a sequence. */
  stops?: readonly number[];
}

export interface SamplerOutput {
  slots: SlotState[];
  /** Both [slots, maxLength]; NaN where there is no log-prob. */
  tokens: Uint32Array;
  logps: Float32Array;
}

/** What a token that was not drawn looks like in the output. */
export const UNWRITTEN = 0xffffffff;

/** Samples `times` tokens for every live row, from the same logits each time. */
export async function runSampler(bench: Bench, input: SamplerInput, times: number): Promise<SamplerOutput> {
  const { logits, vocab, slots, maxLength, banned = [], stops = [] } = input;
  const rowSlots = input.rowSlots ?? Uint32Array.from(slots.keys());
  const cells = slots.length * maxLength;
  const bias = Float32Array.from({ length: vocab }, (_, id) => (banned.includes(id) ? -1e30 : 0));
  const stopping = Uint32Array.from({ length: vocab }, (_, id) => Number(stops.includes(id)));
  const bindings = { rowSlots: bench.activations(rowSlots, 1), slots: bench.weights(slotWords(slots)) };
  const tokens = bench.weights(new Uint32Array(cells).fill(UNWRITTEN));
  const logps = bench.weights(new Float32Array(cells).fill(NaN));
  await bench.run(
    [
      sample(
        vocab,
        maxLength,
        bench.rows,
        bench.uniform(samplingUniform({ ...samplingDefaults, ...input.settings })),
        bindings,
        {
          logits: bench.activations(logits, vocab),
          bias: bench.weights(bias),
          tokens,
          logps,
          stops: bench.weights(stopping),
        },
      ),
    ],
    rowSlots.length,
    times,
  );
  const states = await bench.words(bindings.slots);
  return {
    slots: slots.map((_, slot) => slotState(states, slot)),
    tokens: (await bench.words(tokens)).subarray(0, cells),
    logps: (await bench.floats(logps)).subarray(0, cells),
  };
}

/** Slots with one token, each with a cache and a random stream of its own. */
export function freshSlots(count: number, maxLength: number): SlotState[] {
  return Array.from({ length: count }, (_, stream) => ({
    ...{ token: 0, position: 0, cache: stream, limit: maxLength, stream, done: 0 },
  }));
}
