/** Answers with calls as they are imported: no model's form yet. And their tokens, in the form that a policy writes. */
import { callFormat } from '../rl/tools/format';
import type { Tokenizer } from '../tokenizer/tokenizer';
import type { CallFormatName, ToolLanguage } from '../tools/types';
import { DemonstrationError } from './error';

export interface ImportedCall {
  language: ToolLanguage;
  code: string;
  /** What the policy is shown of it. */
  output: string;
}

/** Text of the policy, or a call with its result. */
export type AnswerPart = string | ImportedCall;

export interface Segment {
  ids: readonly number[];
  /** The result of a call: it is not learnt. */
  isResult: boolean;
}

/** What stands between a text and the call after it; a block begins with its own line end. */
const BEFORE_CALL: Record<CallFormatName, string> = { tags: ' ', block: '', tool_call: '\n' };

/**
 * The tokens of an answer, calls and results in a form as rollouts have them: each call is read back from its tokens.
 * @throws CallFormatError when the tokenizer lacks a token of the form; TokenizerError; DemonstrationError for a call that
 * would be read as another
 */
export function writeParts(
  parts: readonly AnswerPart[],
  tokenizer: Tokenizer,
  form: CallFormatName,
): Segment[] {
  const segments: Segment[] = [];
  let text = '';
  for (const part of parts) {
    if (typeof part === 'string') {
      text += part;
      continue;
    }
    const format = callFormat(tokenizer, form, part.language);
    const between = text === '' || text.endsWith('\n') ? '' : BEFORE_CALL[form];
    const ids = tokenizer.encode(text + between + format.callText(part.code));
    const parser = format.parser();
    const read = ids.map((id) => parser.push(id));
    const first = read.findIndex((call) => call !== undefined);
    if (first !== ids.length - 1 || read[first]?.code !== part.code)
      throw new DemonstrationError(
        `in the form “${form}” its call ${JSON.stringify(part.code)} would not be read as it stands: ` +
          (first >= 0 && first < ids.length - 1 ? 'another ends before it' : 'its code has other ends'),
      );
    segments.push({ ids, isResult: false });
    segments.push({ ids: format.encodeResult(part.output), isResult: true });
    text = '';
  }
  if (text !== '') segments.push({ ids: tokenizer.encode(text), isResult: false });
  return segments;
}
