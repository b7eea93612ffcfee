/** Calls made while responses are generated: noticed, run, and their results given back to be inserted. */
import type { Interruption } from '../../model/interruption';
import { toolOutput } from '../../tools/output';
import type { Interpreter, ToolLanguage, ToolResult } from '../../tools/types';
import type { CallFormat, CallParser, WrittenCall } from './format';

export interface ToolSettings {
  format: CallFormat;
  language: ToolLanguage;
  interpreter: Interpreter;
  /** Calls of one response; later ones are answered by an error. */
  maxCalls: number;
  /** Characters of a result that the model is shown. */
  outputChars: number;
  /** False: calls are written and counted, but nothing is run or inserted. */
  execute: boolean;
}

/** One call of a response. */
export interface ToolCall {
  code: string;
  /** What the model was shown; null when nothing was run. */
  output: string | null;
  failed: boolean;
  timedOut: boolean;
  /** Wall-clock time of the interpreter. */
  ms: number;
}

interface Placed extends ToolCall {
  /** Tokens of the response up to the end of the call, and to the end of its result. */
  end: number;
  resumed: number;
}

interface Writing {
  parser: CallParser;
  /** Tokens looked at. */
  seen: number;
  calls: Placed[];
}

/** What became of a response. */
export interface UsedTools {
  calls: ToolCall[];
  /** 1 where a token was sampled, 0 where it is part of a result; absent when there is none. */
  toolMask?: Uint8Array;
}

/** The calls of one batch of responses. */
export class ToolUse {
  private readonly writing = new Map<number, Writing>();
  private readonly controller = new AbortController();

  constructor(private readonly settings: ToolSettings) {}

  /** For the decoder: a response is interrupted at the end of a call until there is a result. */
  readonly interrupt = (request: number, tokens: Uint32Array): Interruption | undefined => {
    const own = this.of(request);
    const call = this.nextCall(own, tokens);
    return call && { kept: own.seen, insert: this.run(own, call) };
  };

  /** Ends the calls that are under way. */
  abort(): void {
    this.controller.abort();
  }

  /** @param tokens of the response as it is kept */
  used(request: number, tokens: Uint32Array): UsedTools {
    const own = this.of(request);
    if (!this.settings.execute) {
      for (let call = this.nextCall(own, tokens); call; call = this.nextCall(own, tokens))
        own.calls.push({ code: call.code, ...NOTHING_RUN, end: own.seen, resumed: own.seen });
    }
    const made = own.calls.filter(({ end }) => end <= tokens.length);
    const calls = made.map(({ end: _end, resumed: _resumed, ...call }) => call);
    if (made.every(({ end, resumed }) => end === resumed)) return { calls };
    const toolMask = new Uint8Array(tokens.length).fill(1);
    for (const { end, resumed } of made) toolMask.fill(0, end, resumed);
    return { calls, toolMask };
  }

  private of(request: number): Writing {
    const known = this.writing.get(request);
    if (known) return known;
    const own = { parser: this.settings.format.parser(), seen: 0, calls: [] };
    this.writing.set(request, own);
    return own;
  }

  private nextCall(own: Writing, tokens: Uint32Array): WrittenCall | undefined {
    while (own.seen < tokens.length) {
      const call = own.parser.push(tokens[own.seen++]);
      if (call) return call;
    }
    return undefined;
  }

  private async run(own: Writing, call: WrittenCall): Promise<readonly number[]> {
    const { format, outputChars } = this.settings;
    const end = own.seen;
    const result = await this.result(call, own.calls.length);
    const output = toolOutput(result, outputChars);
    const ids = format.encodeResult(output);
    own.seen = end + ids.length;
    own.parser = format.parser();
    const { error, refused, ms } = result;
    const outcome = { output, failed: error !== null, timedOut: refused === 'time', ms };
    own.calls.push({ code: call.code, ...outcome, end, resumed: own.seen });
    return ids;
  }

  private async result({ code, malformed }: WrittenCall, callsBefore: number): Promise<ToolResult> {
    const { interpreter, maxCalls } = this.settings;
    const failed = (error: string) => ({ stdout: '', error, ms: 0 });
    if (callsBefore >= maxCalls) return failed(`No call is left: a response may make ${maxCalls}.`);
    return malformed === undefined ? interpreter.call(code, this.controller.signal) : failed(malformed);
  }
}

const NOTHING_RUN = { output: null, failed: false, timedOut: false, ms: 0 };
