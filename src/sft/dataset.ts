/** Demonstrations to learn from: JSON lines in the forms of TRL's SFT data sets, and their tokens. */
import type { Message } from '../rl/prompt';
import { suitableFormat } from '../rl/tools/format';
import { restoreMasks, saveMasks } from '../rl/tools/mask';
import type { Tokenizer } from '../tokenizer/tokenizer';
import type { CallFormatName } from '../tools/types';
import { DemonstrationError } from './error';
import { writeParts, type AnswerPart, type Segment } from './parts';
import { isObject, isText, readTurns, splitTurns } from './turns';

export { DemonstrationError } from './error';
export type { Segment } from './parts';

/** A question, or the turns before the answer. */
export type Prompt = string | readonly Message[];

export interface Demonstration<P extends Prompt = Prompt> {
  prompt: P;
  completion: string;
  /** Of a completion with calls: what the policy writes and, in turn with it, what it is shown. Together the completion. */
  segments?: readonly Segment[];
  /** Where it stands in its file, from 1. */
  line?: number;
}

/** A demonstration from a file: its calls have no model's form yet. */
export interface ImportedDemonstration<P extends Prompt = Prompt> extends Omit<
  Demonstration<P>,
  'completion'
> {
  completion: string | readonly AnswerPart[];
}

/** A demonstration in tokens, of the same shape as a rollout. */
export interface Example {
  promptIds: readonly number[];
  /** The completion; it ends with the end-of-sequence token. */
  tokens: Uint32Array;
  /** 1 where a token is learnt, 0 where it is part of a call's result; absent when all are learnt. */
  toolMask?: Uint8Array;
}

/** How many bad demonstrations an error shows. */
const SHOWN = 5;
const FORMS =
  'A line is {"messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}]} or {"prompt": "…", "completion": "…"}.';

/**
 * Demonstrations, one a line: `{"messages": [...]}`, whose last turn is the assistant's and is learnt, or
 * `{"prompt": ..., "completion": ...}`, each a text or a list of turns; other fields are ignored, blank lines skipped. An
 * answer may call an interpreter: turns with `tool_calls`, each answered by a turn of the role `tool`, or ```` ```python ````
 * blocks, each answered by an ```` ```output ```` block.
 * @throws DemonstrationError naming every bad line by its number (the first few), or when there is no demonstration at all
 */
export function parseDemonstrations(text: string, fileName: string): ImportedDemonstration[] {
  const demonstrations: ImportedDemonstration[] = [];
  const bad: string[] = [];
  text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .forEach((source, i) => {
      if (source.trim() === '') return;
      try {
        demonstrations.push({ ...parseLine(source), line: i + 1 });
      } catch (error) {
        if (!(error instanceof DemonstrationError)) throw error;
        bad.push(`line ${i + 1}: ${error.message}`);
      }
    });
  refuse(fileName, bad, FORMS);
  if (demonstrations.length === 0)
    throw new DemonstrationError(`${fileName} holds no demonstration. ${FORMS}`);
  return demonstrations;
}

/** @throws DemonstrationError when there are faults */
function refuse(source: string, faults: readonly string[], advice: string): void {
  if (faults.length === 0) return;
  const shown = faults.slice(0, SHOWN).map((fault) => `\n  ${fault}`);
  const more = faults.length > SHOWN ? `\n  and ${faults.length - SHOWN} more` : '';
  throw new DemonstrationError(
    `${source}: ${faults.length} of the demonstrations cannot be used, and nothing was trained.${shown.join('')}${more}\n${advice}`,
  );
}

/** @throws DemonstrationError saying what is wrong with the line */
function parseLine(source: string): ImportedDemonstration {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    throw new DemonstrationError('it is not JSON');
  }
  if (!isObject(value)) throw new DemonstrationError('it is not a JSON object');
  const { messages, prompt, completion } = value;
  if (messages !== undefined) {
    const turns = readTurns(messages, '"messages"');
    const { prompt, answer } = splitTurns(turns, '"messages"');
    if (prompt.length === 0) throw new DemonstrationError('"messages" has no turn before the answer');
    return { prompt, completion: answer };
  }
  if (prompt === undefined) throw new DemonstrationError('it has neither "messages" nor a "prompt"');
  if (completion === undefined) throw new DemonstrationError('it has a "prompt" but no "completion"');
  return { prompt: isText(prompt) ? prompt : readPrompt(prompt), completion: readCompletion(completion) };
}

function readPrompt(value: unknown): Message[] {
  return readTurns(value, '"prompt"').map(({ role, content, call }, i) => {
    if (!call && role !== 'tool') return { role, content };
    throw new DemonstrationError(
      `turn ${i + 1} of "prompt" belongs to a call; only those of the answer can be learnt`,
    );
  });
}

function readCompletion(value: unknown): ImportedDemonstration['completion'] {
  const turns = isText(value) ? [{ role: 'assistant', content: value }] : readTurns(value, '"completion"');
  const { prompt, answer } = splitTurns(turns, '"completion"');
  if (prompt.length > 0)
    throw new DemonstrationError('"completion" has several turns; only one answer can be learnt');
  return answer;
}

export interface EncodedDemonstrations<P extends Prompt> {
  examples: Example[];
  /** Left out: prompt and completion together exceed the limit. */
  tooLong: { demonstration: ImportedDemonstration<P>; tokens: number }[];
}

/**
 * Tokens of demonstrations: the prompt as the policy will see it, then the completion and the end-of-sequence token.
 * @param maxLength longest prompt and completion together, in tokens
 * @param form of the calls of a file
 * @throws DemonstrationError naming the demonstrations that the tokenizer or the chat template does not take
 */
export function encodeDemonstrations<P extends Prompt>(
  demonstrations: readonly ImportedDemonstration<P>[],
  tokenizer: Tokenizer,
  encodePrompt: (prompt: P) => number[],
  maxLength: number,
  form: CallFormatName = suitableFormat(tokenizer),
): EncodedDemonstrations<P> {
  const { eosId } = tokenizer;
  const examples: Example[] = [];
  const tooLong: EncodedDemonstrations<P>['tooLong'] = [];
  const faults: string[] = [];
  demonstrations.forEach((demonstration, i) => {
    const { prompt, completion, segments, line } = demonstration;
    try {
      const promptIds = encodePrompt(prompt);
      // The first token of a completion is predicted at the last one of its prompt.
      if (promptIds.length === 0) throw new DemonstrationError('its prompt is empty');
      const parts = isText(completion) ? [completion] : completion;
      const written = segments ?? writeParts(parts, tokenizer, form);
      const ids = written.flatMap((segment) => segment.ids);
      const mask = written.flatMap(({ ids, isResult }) => ids.map(() => Number(!isResult)));
      if (ids.at(-1) !== eosId) {
        ids.push(eosId);
        mask.push(1);
      }
      const tokens = promptIds.length + ids.length;
      if (tokens > maxLength) tooLong.push({ demonstration, tokens });
      else
        examples.push({
          promptIds,
          tokens: Uint32Array.from(ids),
          ...(mask.includes(0) && { toolMask: Uint8Array.from(mask) }),
        });
    } catch (error) {
      const place = line === undefined ? `demonstration ${i + 1}` : `line ${line}`;
      faults.push(`${place}: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
  refuse('The data', faults, 'The model can learn only from what its tokenizer and its chat template take.');
  return { examples, tooLong };
}

/** Examples as flat arrays, for a checkpoint. Ids are exact in float32 up to 2²⁴. */
export function saveExamples(examples: readonly Example[]): Record<string, Float32Array> {
  return {
    sft_lengths: Float32Array.from(examples.flatMap((e) => [e.promptIds.length, e.tokens.length])),
    sft_ids: Float32Array.from(examples.flatMap((e) => [...e.promptIds, ...e.tokens])),
    ...saveMasks('sft_masks', examples),
  };
}

/** What `saveExamples` wrote; undefined where there is nothing of it. */
export function restoreExamples({
  sft_lengths: lengths,
  sft_ids: ids,
  sft_masks: masks,
}: Record<string, Float32Array>): Example[] | undefined {
  if (!lengths) return undefined;
  const maskOf = restoreMasks(masks);
  let at = 0;
  return Array.from({ length: lengths.length / 2 }, (_, i) => ({
    promptIds: [...ids.subarray(at, (at += lengths[2 * i]))],
    tokens: Uint32Array.from(ids.subarray(at, (at += lengths[2 * i + 1]))),
    ...maskOf(lengths[2 * i + 1]),
  }));
}
