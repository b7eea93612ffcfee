/** Turns of a conversation as data sets have them, with the calls of tools and their results. */
import type { Message } from '../rl/prompt';
import { TOOL_LANGUAGES, type ToolLanguage } from '../tools/types';
import { outputOf, readText, type OpenCall } from './blocks';
import { DemonstrationError } from './error';
import type { AnswerPart } from './parts';

export interface Turn extends Message {
  /** What an assistant's turn calls, beside its text. */
  call?: OpenCall & { id?: string };
  /** Of a tool's turn: which call it answers, and by which tool, where that is said. */
  answers?: { id?: string; name?: string };
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const isText = (value: unknown): value is string => typeof value === 'string';

/** Turns, at least one. @throws DemonstrationError naming the turn */
export function readTurns(value: unknown, name: string): Turn[] {
  if (!Array.isArray(value)) throw new DemonstrationError(`${name} is neither a text nor a list of turns`);
  if (value.length === 0) throw new DemonstrationError(`${name} is empty`);
  return (value as unknown[]).map((turn, i) => readTurn(turn, `turn ${i + 1} of ${name}`));
}

function readTurn(turn: unknown, place: string): Turn {
  const { role, content, name, ...others } = Object(turn) as Record<string, unknown>;
  const { tool_calls: calls, tool_call_id: id, function_call: legacy } = others;
  if (legacy !== undefined && legacy !== null)
    throw new DemonstrationError(`${place} has a "function_call", which is not read; write "tool_calls"`);
  const call = calls === undefined || calls === null ? undefined : readCalls(calls, place);
  if (!isText(role) || !(isText(content) || (call && (content === undefined || content === null))))
    throw new DemonstrationError(`${place} has no "role" and "content" that are texts`);
  if (call && role !== 'assistant')
    throw new DemonstrationError(`${place} has "tool_calls" but is not the assistant’s`);
  const answers = { ...(isText(id) && { id }), ...(isText(name) && { name }) };
  return {
    role,
    content: isText(content) ? content : '',
    ...(call && { call }),
    ...(role === 'tool' && { answers }),
  };
}

/** The one call of a turn; nothing where the list is empty. */
function readCalls(value: unknown, place: string): Turn['call'] {
  if (!Array.isArray(value)) throw new DemonstrationError(`"tool_calls" in ${place} is not a list`);
  if (value.length === 0) return undefined;
  if (value.length > 1)
    throw new DemonstrationError(
      `${place} makes ${value.length} calls at once; here a policy makes one and reads its result`,
    );
  const [entry] = value as unknown[];
  const { id, function: inner } = Object(entry) as Record<string, unknown>;
  const { name, arguments: given } = Object(inner ?? entry) as Record<string, unknown>;
  if (!isLanguage(name))
    throw new DemonstrationError(
      `the call in ${place} is of ${JSON.stringify(name) ?? 'no function'}; there are ${TOOL_LANGUAGES.join(', ')}`,
    );
  return { language: name, code: codeOf(given, place), ...(isText(id) && { id }) };
}

const isLanguage = (name: unknown): name is ToolLanguage => TOOL_LANGUAGES.some((known) => known === name);

/** Of `{"code": "…"}`, given as an object or as its JSON. */
function codeOf(given: unknown, place: string): string {
  const { code, ...others } = Object(isText(given) ? fromJson(given) : given) as Record<string, unknown>;
  if (!isText(code) || Object.values(others).some((other) => other !== null))
    throw new DemonstrationError(`the "arguments" of the call in ${place} are not {"code": "…"}`);
  return code;
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The turns before the answer, and the answer: the last turn, which is the assistant's, with those before it that call a
 * tool and that answer it.
 * @throws DemonstrationError
 */
export function splitTurns(
  turns: readonly Turn[],
  name: string,
): { prompt: Message[]; answer: string | AnswerPart[] } {
  const last = turns[turns.length - 1];
  if (last.role !== 'assistant')
    throw new DemonstrationError(`${name} does not end with a turn of the assistant`);
  if (last.call) throw new DemonstrationError(`the call in the last turn of ${name} has no result`);
  if (last.content.trim() === '') throw new DemonstrationError(`the answer in ${name} is empty`);
  let start = turns.length - 1;
  while (turns[start - 1]?.role === 'tool') {
    start--;
    if (turns[start - 1]?.role === 'assistant') start--;
  }
  const prompt = turns.slice(0, start).map(({ role, content, call }, i) => {
    if (call || role === 'tool')
      throw new DemonstrationError(
        `turn ${i + 1} of ${name} belongs to a call that is no part of the answer, and only those of the answer can be learnt`,
      );
    return { role, content };
  });
  const parts = answerParts(turns, start, name);
  return { prompt, answer: parts.every(isText) ? last.content : parts };
}

function answerParts(turns: readonly Turn[], start: number, name: string): AnswerPart[] {
  const parts: AnswerPart[] = [];
  let open: Turn['call'];
  turns.slice(start).forEach(({ role, content, call, answers }, i) => {
    const place = `turn ${start + i + 1} of ${name}`;
    if (role === 'tool') {
      if (!open) throw new DemonstrationError(`${place} is a tool’s, but the turn before it calls none`);
      const { language, code, id } = open;
      if (answers?.id !== undefined && id !== undefined && answers.id !== id)
        throw new DemonstrationError(
          `${place} answers the call ${answers.id}, but the call before it is ${id}`,
        );
      if (answers?.name !== undefined && answers.name !== language)
        throw new DemonstrationError(
          `${place} is of ${answers.name}, but the call before it is of ${language}`,
        );
      parts.push({ language, code, output: outputOf(content) });
      open = undefined;
      return;
    }
    const text = readText(content);
    const ending = !call && turns[start + i + 1] ? text.ending : undefined;
    open = call ?? ending?.call;
    parts.push(...text.parts, ...[ending?.before ?? text.rest].filter(Boolean));
  });
  return parts;
}
