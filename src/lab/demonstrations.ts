/** A person's own demonstrations in an experiment: found, recognised by their hash, and in the policy's tokens. */
import type { ModelDirectory } from '../model/directory';
import { conversationEncoder, promptEncoder, type ConversationEncoder, type Message } from '../rl/prompt';
import {
  DemonstrationError,
  encodeDemonstrations,
  parseDemonstrations,
  type EncodedDemonstrations,
  type ImportedDemonstration,
  type Prompt,
} from '../sft/dataset';
import { Tokenizer } from '../tokenizer/tokenizer';
import { ExperimentError, type Experiment } from './schema';
import { sha256OfBytes } from './sha256';

/** The text of a file of demonstrations by its name; undefined when there is none such. */
export type DemonstrationsReader = (name: string) => Promise<string | undefined>;

const refusal = (path: string, message: string) => new ExperimentError([{ path, message }]);

/** Whether the cold start learns from a file. */
export const usesDemonstrations = ({ sft }: Pick<Experiment, 'sft'>): boolean =>
  sft.steps > 0 && sft.source === 'imported';

/** The question, where it is nothing but one: a text, or a single turn of the user. */
function questionOf(prompt: Prompt): string | undefined {
  if (typeof prompt === 'string') return prompt;
  return prompt.length === 1 && prompt[0].role === 'user' ? prompt[0].content : undefined;
}

/** How many lines a message names. */
const SHOWN = 5;

function leak(file: string, leaking: readonly ImportedDemonstration[]): string {
  const lines = leaking.slice(0, SHOWN).map(({ line }) => line);
  const more = leaking.length > SHOWN ? ' …' : '';
  return `“${file}” answers ${leaking.length} of the questions that the evaluation holds out, in line ${lines.join(', ')}${more}: what is learnt could not be told from what is known by heart. Take them out, or evaluate on other questions.`;
}

/** SHA-256 of the file, as 64 hexadecimal digits; a byte-order mark is no part of it. */
export function sha256OfText(text: string): Promise<string> {
  return sha256OfBytes(new TextEncoder().encode(text.replace(/^\uFEFF/, '')));
}

/**
 * Reads the demonstrations that an experiment names and checks that the model can learn from them.
 * @param longest longest prompt and completion together, in tokens
 * @param held the questions of the evaluations
 * @returns the experiment with the hash of its file, and what stands in it
 * @throws ExperimentError when the file is not there, not the one whose hash the experiment holds, or holds a line that cannot
 * be used or answers a question that is held out, by its number; what `read` throws
 */
export async function prepareDemonstrations(
  experiment: Experiment,
  model: ModelDirectory,
  { longest, held }: { longest: number; held: ReadonlySet<string> },
  read: DemonstrationsReader,
): Promise<{ experiment: Experiment; demonstrations: ImportedDemonstration[] }> {
  const { sft } = experiment;
  const text = await read(sft.file);
  if (text === undefined)
    throw refusal(
      'sft.file',
      `There is no file of demonstrations “${sft.file}” here: it was deleted, renamed or never stored. Bring it under this name, or choose another.`,
    );
  const sha256 = await sha256OfText(text);
  if (sft.sha256 !== '' && sft.sha256 !== sha256)
    throw refusal(
      'sft.sha256',
      `The file of demonstrations “${sft.file}” has changed: it has the SHA-256 ${sha256.slice(0, 12)}…, the experiment was made with ${sft.sha256.slice(0, 12)}…. Bring the former file back, or start a new run with this field empty.`,
    );
  try {
    const demonstrations = parseDemonstrations(text, `“${sft.file}”`);
    const leaking = demonstrations.filter(({ prompt }) => held.has(questionOf(prompt) ?? ''));
    if (leaking.length > 0) throw refusal('sft.file', leak(sft.file, leaking));
    const { tooLong } = encodeImported(demonstrations, experiment, model, longest);
    if (tooLong.length === demonstrations.length)
      throw refusal(
        'sft.file',
        `All ${demonstrations.length} demonstrations of “${sft.file}” are longer than ${longest} tokens, the longest prompt and the response limit together. Raise the response limit, or choose a file with shorter ones.`,
      );
    return { experiment: { ...experiment, sft: { ...sft, sha256 } }, demonstrations };
  } catch (error) {
    if (error instanceof DemonstrationError) throw refusal('sft.file', error.message);
    throw error;
  }
}

/**
 * In the tokens of a model. A question – a text, or a single turn of the user – is asked as the experiment asks its own; of a
 * longer conversation the chat template makes the prompt.
 * @param maxLength longest prompt and completion together, in tokens
 * @throws DemonstrationError naming the lines that the tokenizer or the chat template does not take
 */
export function encodeImported(
  demonstrations: readonly ImportedDemonstration[],
  { prompt, tools }: Pick<Experiment, 'prompt' | 'tools'>,
  { tokenizer: json, tokenizerConfig }: Pick<ModelDirectory, 'tokenizer' | 'tokenizerConfig'>,
  maxLength: number,
): EncodedDemonstrations<Prompt> {
  const tokenizer = new Tokenizer(json, tokenizerConfig);
  const question = promptEncoder(tokenizer, tokenizerConfig, prompt);
  let conversation: ConversationEncoder | undefined;
  const encodePrompt = (asked: Prompt): number[] => {
    const text = questionOf(asked);
    if (text !== undefined) return question(text);
    conversation ??= conversationEncoder(tokenizer, tokenizerConfig);
    return conversation(asked as readonly Message[]);
  };
  const form = tools.format === 'auto' ? undefined : tools.format;
  return encodeDemonstrations(demonstrations, tokenizer, encodePrompt, maxLength, form);
}
