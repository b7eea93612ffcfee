/** How a call and its result look in a response: one form for each kind of model. */
import { type Tokenizer, TokenizerError } from '../../tokenizer/tokenizer';
import { TOOL_LANGUAGES, type CallFormatName, type ToolLanguage } from '../../tools/types';
import { BlockParser } from './block';

/** A call as the model wrote it. */
export interface WrittenCall {
  code: string;
  /** Why nothing can be run. */
  malformed?: string;
}

export interface CallParser {
  /** Takes the next token that the model wrote; returns the call that is complete with it. */
  push(id: number): WrittenCall | undefined;
}

export interface CallFormat {
  /** For one response, or for what follows a result. */
  parser(): CallParser;
  /** What the model writes to call, up to where it stops. */
  callText(code: string): string;
  /** What it is then shown. */
  resultText(output: string): string;
  /** The same in tokens. */
  encodeResult(output: string): number[];
}

export class CallFormatError extends Error {
  override name = 'CallFormatError';
}

/** The form that suits a tokenizer: `tags` where it has their words, else `block`. */
export const suitableFormat = (tokenizer: Tokenizer): CallFormatName =>
  tokenizer.tokenId(TAGS.open) !== null && tokenizer.tokenId(TAGS.stop) !== null ? 'tags' : 'block';

/** @throws CallFormatError when the tokenizer lacks a token of the form */
export function callFormat(tokenizer: Tokenizer, name: CallFormatName, language: ToolLanguage): CallFormat {
  switch (name) {
    case 'tags':
      return tags(tokenizer);
    case 'block':
      return block(tokenizer, language);
    case 'tool_call':
      return toolCall(tokenizer, language);
  }
}

const TAGS = { open: '<tool>', stop: '<out>', close: '</tool>' };
/** Stands for a result that the vocabulary has no words for. */
const NO_WORDS = 'not';

function tags(tokenizer: Tokenizer): CallFormat {
  const [open, stop] = [TAGS.open, TAGS.stop].map((token) => idOf(tokenizer, token, 'tags'));
  const resultText = (output: string) => `${output.replaceAll(/-(?=\d)/g, '- ')} ${TAGS.close}`.trimStart();
  return {
    parser: () => new PairParser(open, stop, (ids) => ({ code: tokenizer.decode(ids).trim() })),
    callText: (code) => `${TAGS.open} ${code} ${TAGS.stop}`,
    resultText,
    encodeResult(output) {
      try {
        return tokenizer.encode(resultText(output));
      } catch (error) {
        if (!(error instanceof TokenizerError)) throw error;
        return tokenizer.encode(resultText(NO_WORDS));
      }
    },
  };
}

/** The names that a block of the language goes by; the first is written. */
const BLOCK_NAMES: Record<ToolLanguage, readonly [string, ...string[]]> = {
  calculator: ['calculator'],
  javascript: ['javascript', 'js'],
  python: ['python', 'py', 'python3'],
};

/** Whose block a name stands for; undefined for that of no interpreter. */
export const blockLanguage = (name: string): ToolLanguage | undefined =>
  TOOL_LANGUAGES.find((language) => BLOCK_NAMES[language].includes(name));

function block(tokenizer: Tokenizer, language: ToolLanguage): CallFormat {
  const names = BLOCK_NAMES[language];
  // An output must not end its own block.
  const resultText = (output: string) => `\n\`\`\`output\n${output.replaceAll('```', "'''")}\n\`\`\`\n`;
  return {
    parser: () => new BlockParser(tokenizer, names),
    callText: (code) => `\n\`\`\`${names[0]}\n${code}\n\`\`\``,
    resultText,
    encodeResult: (output) => tokenizer.encode(resultText(harmless(output))),
  };
}

const CALL = { open: '<tool_call>', close: '</tool_call>' };

function toolCall(tokenizer: Tokenizer, language: ToolLanguage): CallFormat {
  const [open, close] = [CALL.open, CALL.close].map((token) => idOf(tokenizer, token, 'tool_call'));
  for (const token of ['<|im_start|>', '<|im_end|>']) idOf(tokenizer, token, 'tool_call');
  const resultText = (output: string) =>
    `<|im_end|>\n<|im_start|>user\n<tool_response>\n${output}\n</tool_response><|im_end|>\n<|im_start|>assistant\n`;
  return {
    parser: () => new PairParser(open, close, (ids) => readCall(tokenizer.decode(ids), language)),
    callText: (code) =>
      `${CALL.open}\n${JSON.stringify({ name: language, arguments: { code } })}\n${CALL.close}`,
    resultText,
    encodeResult: (output) => tokenizer.encode(resultText(harmless(output))),
  };
}

/** `{"name": "python", "arguments": {"code": "…"}}` */
function readCall(text: string, language: ToolLanguage): WrittenCall {
  const malformed = `The call is no JSON of the form {"name": "${language}", "arguments": {"code": "…"}}.`;
  try {
    const { name, arguments: given } = Object(JSON.parse(text)) as Record<string, unknown>;
    const { code } = Object(given) as Record<string, unknown>;
    if (name === language && typeof code === 'string') return { code };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return { code: text.trim(), malformed };
}

/** Without the names of special tokens, which the tokenizer would take for the tokens themselves. */
const harmless = (output: string): string =>
  output.replaceAll('<|', '< |').replaceAll(/<(?=\/?tool_(?:call|response)>)/g, '< ');

function idOf(tokenizer: Tokenizer, token: string, format: CallFormatName): number {
  const id = tokenizer.tokenId(token);
  if (id === null)
    throw new CallFormatError(
      `The model’s vocabulary has no token ${token}, which calls of the form “${format}” need. Choose the form “block”.`,
    );
  return id;
}

/** Calls between two tokens. */
class PairParser implements CallParser {
  private inside?: number[];

  constructor(
    private readonly open: number,
    private readonly close: number,
    private readonly read: (ids: readonly number[]) => WrittenCall,
  ) {}

  push(id: number): WrittenCall | undefined {
    const { inside } = this;
    if (id === this.open) this.inside = [];
    else if (id !== this.close) inside?.push(id);
    else {
      this.inside = undefined;
      return inside && this.read(inside);
    }
    return undefined;
  }
}
