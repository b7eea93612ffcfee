/** From a question to the tokens that the policy sees. */
import { Template } from '@huggingface/jinja';
import { QUESTION, ZERO_PROMPTS, type PromptSettings } from '../tasks/prompts';
import type { Tokenizer } from '../tokenizer/tokenizer';

export type PromptEncoder = (question: string) => number[];

/** One turn of a conversation. */
export interface Message {
  role: string;
  content: string;
}

export type ConversationEncoder = (messages: readonly Message[]) => number[];

/**
 * Puts questions in the form asked for, `<bos>` first where the model has one.
 * @param tokenizerConfig the parsed `tokenizer_config.json`; its `chat_template` is needed for `chat`
 * @throws Error when the chat template is missing or cannot be read; the encoder throws TokenizerError for words the model
 * does not know
 */
export function promptEncoder(
  tokenizer: Tokenizer,
  tokenizerConfig: unknown,
  settings: PromptSettings = { template: 'task', own: '' },
): PromptEncoder {
  const write = questionFrame(tokenizerConfig, settings);
  const { bosId } = tokenizer;
  return (question) => {
    const ids = tokenizer.encode(write(question));
    return bosId === null || settings.template === 'chat' ? ids : [bosId, ...ids];
  };
}

/**
 * As `promptEncoder`, as text: the name of `<bos>` stands at its beginning.
 * @throws Error when the chat template is missing or cannot be read
 */
export function promptWriter(
  tokenizerConfig: unknown,
  settings: PromptSettings,
): (question: string) => string {
  const write = questionFrame(tokenizerConfig, settings);
  const bos = settings.template === 'chat' ? '' : tokenText(tokenizerConfig, 'bos_token');
  return (question) => bos + write(question);
}

/** The question in its prompt, without `<bos>` but for a chat template: that writes the beginning of the sequence itself. */
function questionFrame(
  tokenizerConfig: unknown,
  { template, own }: PromptSettings,
): (question: string) => string {
  if (template === 'chat') {
    const render = chatTemplate(tokenizerConfig);
    return (question) => render([{ role: 'user', content: question }]);
  }
  const frame = template === 'task' ? QUESTION : template === 'own' ? own : ZERO_PROMPTS[template];
  return (question) => frame.replaceAll(QUESTION, () => question);
}

/**
 * Puts turns in the form of the model's chat template, up to where the assistant begins to answer.
 * @throws Error when the chat template is missing or cannot be read; the encoder throws what the template makes of turns it
 * does not take, and TokenizerError
 */
export function conversationEncoder(tokenizer: Tokenizer, tokenizerConfig: unknown): ConversationEncoder {
  const render = chatTemplate(tokenizerConfig);
  // A chat template writes the beginning of the sequence itself.
  return (messages) => tokenizer.encode(render(messages));
}

function chatTemplate(tokenizerConfig: unknown): (messages: readonly Message[]) => string {
  const config = Object(tokenizerConfig) as Record<string, unknown>;
  const source = templateSource(config.chat_template);
  if (source === undefined)
    throw new Error(
      'The model has no chat template: neither chat_template.jinja nor tokenizer_config.json holds one. Choose another prompt for it.',
    );
  const template = new Template(source);
  const token = (name: string) => tokenText(config, name);
  const context = {
    bos_token: token('bos_token'),
    eos_token: token('eos_token'),
    pad_token: token('pad_token'),
    add_generation_prompt: true,
  };
  return (messages) => template.render({ ...context, messages: [...messages] });
}

/** A special token, given as its text or as an object that holds it; empty where there is none. */
function tokenText(tokenizerConfig: unknown, name: string): string {
  const value = (Object(tokenizerConfig) as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : ((Object(value) as { content?: string }).content ?? '');
}

/** The text itself, or the one called `default` of a list of `{name, template}`. */
function templateSource(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  const templates = value.map((entry) => Object(entry) as { name?: unknown; template?: unknown });
  const { template } = templates.find(({ name }) => name === 'default') ?? {};
  return typeof template === 'string' ? template : undefined;
}
