/**
 * Batched generation with a KV cache. A fixed number of slots decode side by side; a slot whose response has ended is
 * refilled from the queue, its prompt computed at once or copied from a slot that has it. Steps run on the GPU in chunks, sampling included; the host looks at a chunk's outcome while
 * the next one runs. A response depends on its prompt, the seed and its stream only, never on its slot or neighbours.
 */
import * as decode from '../gpu/kernels/decode';
import { Program } from '../gpu/program';
import { decodeStep } from './decode-step';
import { destroyDecoderBuffers, makeDecoderBuffers, writeRows, type DecoderBuffers } from './decoder-buffers';
import type { DecoderSize } from './decoder-sizes';
import type { Adapter } from './lora';
import { type Arrival, type Interruption, Waiting } from './interruption';
import type { Model } from './model';
import { Prefill } from './prefill';
import type { Fill } from './prefill-plan';

/** Decode steps per submit: the host's look at finished slots costs little, and so does running past an end. */
const CHUNK = 4;
/** Up to so many live rows, a step is done in smaller tiles. */
const FEW_ROWS = 16;
/** Stands for −∞: far below any logit, and finite. */
const BANNED = -1e30;

export interface GenerationRequest {
  prompt: ArrayLike<number>;
  /** Counter of the random stream: distinct for each response of a `generate` call. */
  stream: number;
}

export interface GenerationLimits {
  maxNewTokens: number;
  /** Any of these ends a response. */
  stopIds: readonly number[];
  /** Never sampled. */
  bannedIds: readonly number[];
}

export interface Completion {
  /** Sampled tokens, the stop token included. */
  tokens: Uint32Array;
  /** Log-prob of each under softmax(logits / temperature). */
  logps: Float32Array;
  /** Ended by a stop token, not by the limit. */
  finished: boolean;
}

export interface GenerationHooks {
  onProgress?: (done: number, total: number) => void;
  /** Asked between chunks; generation ends by throwing what it throws. */
  checkAborted?: () => void;
  /**
   * Shown each response as it grows, from its first token; may see some tokens after the ones it keeps. An interrupted
   * response waits for what is inserted and goes on after it, while the others are decoded.
   */
  interrupt?: (request: number, tokens: Uint32Array) => Interruption | undefined;
}

export class Decoder {
  private readonly b: DecoderBuffers;
  private readonly staging: GPUBuffer[];
  /** One decode step for few live rows, and for many: the end of a batch is a long tail of few. */
  private programs?: { few: Program; many: Program };
  private readonly prefill: Prefill;

  private readonly size: DecoderSize;

  /** @param adapter what the model decodes with, when it has one */
  constructor(
    private readonly model: Model,
    size: Omit<DecoderSize, 'lora'>,
    private readonly adapter?: Adapter,
  ) {
    const { gpu, config } = model;
    this.size = { ...size, lora: adapter?.lora };
    this.b = makeDecoderBuffers(gpu, config, this.size);
    this.staging = [0, 1].map(() =>
      gpu.device.createBuffer({
        label: 'slot states',
        size: size.slots * decode.SLOT_WORDS * 4,
        usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      }),
    );
    this.prefill = new Prefill(model, adapter, this.b, this.size);
  }

  /** Compiles the kernels of one decode step. @throws GpuError */
  async prepare(): Promise<void> {
    const { slots } = this.size;
    await this.model.prepare();
    const record = (rows: number) =>
      Program.record(this.model.gpu, decodeStep(this.model, this.adapter, this.b, this.size, rows));
    const [few, many] = await Promise.all([
      record(Math.min(FEW_ROWS, slots)),
      record(slots),
      this.prefill.prepare(),
    ]);
    this.programs = { few, many };
  }

  /** Kernels of one decode step. */
  get dispatchCount(): number {
    return this.programs?.many.dispatchCount ?? 0;
  }

  /**
   * Completes every prompt; the completions come in the order of the requests.
   * @throws RangeError when a prompt is empty or leaves no room; GpuError when the device fails
   */
  async generate(
    requests: readonly GenerationRequest[],
    sampling: decode.SamplingSettings,
    limits: GenerationLimits,
    hooks: GenerationHooks = {},
  ): Promise<Completion[]> {
    if (!this.programs) throw new Error('prepare() first');
    for (const { prompt } of requests) {
      if (prompt.length === 0) throw new RangeError('a prompt needs at least one token');
      if (prompt.length >= this.size.maxLength) {
        throw new RangeError(
          `a prompt of ${prompt.length} tokens leaves no room: the limit is ${this.size.maxLength}`,
        );
      }
    }
    this.writeSettings(sampling, limits);
    this.prefill.forget();
    const results = new Results(this.model, this.b, requests.length, this.size.maxLength);
    const slots: (Occupant | undefined)[] = Array.from({ length: this.size.slots }, () => undefined);
    const waiting = new Waiting();
    const chunks = hooks.interrupt ? this.openTokens() : undefined;
    let next = 0;
    let done = 0;
    let chunk = 0;
    let pending: Chunk | undefined;
    const end = (ended: readonly { slot: number; length: number }[]) => {
      results.collect(ended.map(({ slot, length }) => ({ slot, length, request: slots[slot]!.request })));
      for (const { slot } of ended) slots[slot] = undefined;
      done += ended.length;
      if (ended.length) hooks.onProgress?.(done, requests.length);
    };
    try {
      while (done < requests.length) {
        hooks.checkAborted?.();
        const fills: Fill[] = [];
        for (const arrival of waiting.arrived()) {
          const { slot } = arrival;
          const request = slots[slot]!.request;
          slots[slot] = { request, waits: false };
          const resumed = this.resume(arrival, requests[request], limits.maxNewTokens);
          if ('full' in resumed) end([{ slot, length: resumed.full }]);
          else fills.push(resumed);
        }
        for (let slot = 0; slot < slots.length && next < requests.length; slot++) {
          if (slots[slot]) continue;
          slots[slot] = { request: next, waits: false };
          fills.push(this.begin(slot, requests[next++], limits.maxNewTokens));
        }
        this.prefill.fill(fills);
        const live = slots.flatMap((occupant, slot) => (occupant && !occupant.waits ? [slot] : []));
        const staging = chunk++ % 2;
        if (live.length) this.submitChunk(live, this.staging[staging], chunks?.[staging]);
        else if (!pending && done < requests.length) await waiting.any();
        const submitted = {
          staging: this.staging[staging],
          tokens: chunks?.[staging],
          occupants: [...slots],
        };
        if (pending) {
          const looked = await this.look(
            pending,
            (slot) => slots[slot] === pending!.occupants[slot] && slots[slot]?.waits === false,
          );
          const ended = [];
          for (const { slot, length, isDone, tokens } of looked) {
            const { request } = slots[slot]!;
            const cut = tokens && hooks.interrupt!(request, tokens.subarray(requests[request].prompt.length));
            if (cut) {
              slots[slot]!.waits = true;
              waiting.add(slot, tokens.subarray(0, requests[request].prompt.length + cut.kept), cut.insert);
            } else if (isDone) ended.push({ slot, length });
          }
          end(ended);
        }
        pending = live.length ? submitted : undefined;
      }
      if (pending) await this.look(pending, () => false);
      return await results.read(requests, limits.stopIds);
    } finally {
      results.destroy();
      for (const buffer of chunks ?? []) buffer.destroy();
    }
  }

  private writeSettings(sampling: decode.SamplingSettings, limits: GenerationLimits): void {
    const { gpu, config } = this.model;
    const bias = new Float32Array(config.vocabSize);
    for (const id of limits.bannedIds) bias[id] = BANNED;
    const stops = new Uint32Array(config.vocabSize);
    for (const id of limits.stopIds) stops[id] = 1;
    gpu.write(this.b.bias, bias);
    gpu.write(this.b.stops, stops);
    gpu.write(this.b.sampling, decode.samplingUniform(sampling));
  }

  /** Sets a slot to the beginning of a request. */
  private begin(slot: number, { prompt, stream }: GenerationRequest, maxNewTokens: number): Fill {
    const limit = Math.min(this.size.maxLength, prompt.length + maxNewTokens);
    this.model.gpu.write(this.b.tokens, Uint32Array.from(prompt), slot * this.size.maxLength * 4);
    return this.set(slot, prompt, prompt.length, limit, stream);
  }

  /** Lets a slot go on after the tokens that are kept, prompt included, and those that are inserted; unless it is full with them. */
  private resume(
    { slot, kept, inserted }: Arrival,
    { prompt, stream }: GenerationRequest,
    maxNewTokens: number,
  ): Fill | { full: number } {
    const { maxLength } = this.size;
    const limit = Math.min(maxLength, prompt.length + maxNewTokens);
    const given = Math.min(limit, kept.length + inserted.length);
    const sequence = Uint32Array.from([...kept, ...inserted.slice(0, given - kept.length)]);
    this.model.gpu.write(this.b.tokens, sequence, slot * maxLength * 4);
    if (given === limit) return { full: limit };
    this.prefill.keep(slot, kept, kept.length - 1);
    return this.set(slot, sequence, given, limit, stream);
  }

  /** The last given token is a slot's current one; the others are to be in its cache. */
  private set(slot: number, tokens: ArrayLike<number>, given: number, limit: number, stream: number): Fill {
    const position = given - 1;
    const state = { token: tokens[position], position, cache: slot, limit, stream, done: 0 };
    this.model.gpu.write(this.b.slots, decode.slotWords([state]), slot * decode.SLOT_WORDS * 4);
    return { slot, prefix: { tokens, length: position } };
  }

  private submitChunk(live: readonly number[], staging: GPUBuffer, tokens?: GPUBuffer): void {
    const rows = live.length;
    this.model.gpu.write(this.b.rowSlots, new Uint32Array(live));
    writeRows(this.model, this.b, this.size, rows);
    const encoder = this.model.gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    const program = rows <= FEW_ROWS ? this.programs!.few : this.programs!.many;
    for (let step = 0; step < CHUNK; step++) program.encode(pass, { rows });
    pass.end();
    encoder.copyBufferToBuffer(this.b.slots, 0, staging, 0, staging.size);
    if (tokens) encoder.copyBufferToBuffer(this.b.tokens, 0, tokens, 0, tokens.size);
    this.model.gpu.submit(encoder);
  }

  /** Where the tokens of a chunk are read, when a hook wants to see them. */
  private openTokens(): GPUBuffer[] {
    return [0, 1].map(() =>
      this.model.gpu.device.createBuffer({
        label: 'tokens so far',
        size: this.size.slots * this.size.maxLength * 4,
        usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      }),
    );
  }

  /** The slots of interest when the chunk ended: all that are done, and when tokens are read all others with theirs. */
  private async look({ staging, tokens }: Chunk, isOfInterest: (slot: number) => boolean): Promise<Looked[]> {
    await Promise.all([staging.mapAsync(GPUMapMode.READ), tokens?.mapAsync(GPUMapMode.READ)]);
    const words = new Uint32Array(staging.getMappedRange());
    const written = tokens && new Uint32Array(tokens.getMappedRange());
    const looked: Looked[] = [];
    for (let slot = 0; slot < this.size.slots; slot++) {
      const { position, done } = decode.slotState(words, slot);
      if ((!done && !written) || !isOfInterest(slot)) continue;
      const begin = slot * this.size.maxLength;
      const length = position + 1;
      looked.push({ slot, length, isDone: done !== 0, tokens: written?.slice(begin, begin + length) });
    }
    staging.unmap();
    tokens?.unmap();
    return looked;
  }

  destroy(): void {
    destroyDecoderBuffers(this.model.gpu, this.b);
    for (const buffer of this.staging) buffer.destroy();
  }
}

/** The request that a slot works on; a new object whenever the slot is set anew, so that older outcomes are known. */
interface Occupant {
  request: number;
  /** For what is inserted. */
  waits: boolean;
}

interface Chunk {
  staging: GPUBuffer;
  tokens?: GPUBuffer;
  occupants: readonly (Occupant | undefined)[];
}

/** A slot after a chunk: tokens of its sequence, prompt included. */
interface Looked {
  slot: number;
  length: number;
  isDone: boolean;
  tokens?: Uint32Array;
}

/** Finished responses, kept on the GPU until all are done and read back at once. */
class Results {
  private readonly tokens: GPUBuffer;
  private readonly logps: GPUBuffer;
  private readonly lengths: number[] = [];

  constructor(
    private readonly model: Model,
    private readonly from: { tokens: GPUBuffer; logps: GPUBuffer },
    count: number,
    private readonly maxLength: number,
  ) {
    this.tokens = model.gpu.buffer('finished tokens', count * maxLength * 4);
    this.logps = model.gpu.buffer('finished log-probs', count * maxLength * 4);
  }

  collect(finished: readonly { slot: number; length: number; request: number }[]): void {
    if (!finished.length) return;
    const encoder = this.model.gpu.device.createCommandEncoder();
    for (const { slot, length, request } of finished) {
      this.lengths[request] = length;
      const at = slot * this.maxLength * 4;
      const to = request * this.maxLength * 4;
      encoder.copyBufferToBuffer(this.from.tokens, at, this.tokens, to, length * 4);
      encoder.copyBufferToBuffer(this.from.logps, at, this.logps, to, length * 4);
    }
    this.model.gpu.submit(encoder);
  }

  async read(requests: readonly GenerationRequest[], stopIds: readonly number[]): Promise<Completion[]> {
    if (!requests.length) return [];
    const tokens = new Uint32Array(await this.model.gpu.read(this.tokens));
    const logps = new Float32Array(await this.model.gpu.read(this.logps));
    return requests.map(({ prompt }, request) => {
      const begin = request * this.maxLength + prompt.length;
      const end = request * this.maxLength + this.lengths[request];
      const completion = tokens.slice(begin, end);
      return {
        tokens: completion,
        logps: logps.slice(begin, end),
        finished: stopIds.includes(completion[completion.length - 1]),
      };
    });
  }

  destroy(): void {
    this.model.gpu.destroy([this.tokens, this.logps]);
  }
}
