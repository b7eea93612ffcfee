import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tokenizerConfigJson } from '../tasks/countdown/vocabulary';
import { Tokenizer } from '../tokenizer/tokenizer';
import { conversationEncoder, promptEncoder, type Message } from './prompt';
import { byteDirectory, tinyDirectory } from './testing';

const { tokenizer: files, tokenizerConfig } = byteDirectory(1);
const tokenizer = new Tokenizer(files, tokenizerConfig);
const prompt = (
  template: 'task' | 'short' | 'long' | 'chat' | 'own',
  own = '',
  config: unknown = tokenizerConfig,
) => {
  const ids = promptEncoder(tokenizer, config, { template, own })('What is 1 + 1?');
  return tokenizer.decode(ids);
};

describe('a prompt', () => {
  it('task: the question as it is, after <bos>', () => expect(prompt('task')).toBe('<bos>What is 1 + 1?'));

  it('short and long: the Zero prompts, which open the thinking', () => {
    for (const template of ['short', 'long'] as const) {
      expect(prompt(template)).toMatch(/^<bos>A conversation between User and Assistant\./);
      expect(prompt(template)).toMatch(/User: What is 1 \+ 1\?\nAssistant: <think>$/);
    }
    expect(prompt('long')).toMatch('double check');
    expect(prompt('short')).not.toMatch('double check');
  });

  it('own: with the question in every place it is asked for, whatever it holds', () => {
    expect(prompt('own', 'Q: {question} Again: {question}')).toBe(
      '<bos>Q: What is 1 + 1? Again: What is 1 + 1?',
    );
    const ids = promptEncoder(tokenizer, tokenizerConfig, { template: 'own', own: '[{question}]' })(
      '$& {question}',
    );
    expect(tokenizer.decode(ids)).toBe('<bos>[$& {question}]');
  });

  it('chat: the model’s own template, which writes <bos> itself', () => {
    const config = {
      ...tokenizerConfigJson(),
      chat_template:
        "{{ bos_token }}{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}",
    };
    expect(prompt('chat', '', config)).toBe('<bos><|user|>What is 1 + 1?<|assistant|>');
  });

  it('chat: says so when the model has no template', () => {
    const config = { ...tokenizerConfigJson(), chat_template: undefined };
    expect(() => prompt('chat', '', config)).toThrow('has no chat template');
  });

  it('names the word that a small vocabulary lacks', () => {
    const tiny = tinyDirectory(1);
    const encode = promptEncoder(new Tokenizer(tiny.tokenizer, tiny.tokenizerConfig), tiny.tokenizerConfig);
    expect(encode('9 8 2 -> 1 A:')).toHaveLength(7);
    expect(() => encode('how many ?')).toThrow('does not know "how"');
  });
});

describe('a conversation in a template of Qwen’s kind', () => {
  const read = (name: string) =>
    readFileSync(new URL(`../../e2e/golden/qwen-tokenizer/${name}`, import.meta.url), 'utf8');
  const config = JSON.parse(read('tokenizer_config.json')) as object;
  const qwen = new Tokenizer(JSON.parse(read('tokenizer.json')), config);
  const template = read('chat_template.jinja');
  const golden = JSON.parse(read('conversations.json')) as {
    messages: Message[];
    prompt: string;
    ids: number[];
  }[];

  it.each(golden.map((example, i) => [i, example] as const))(
    'is what transformers makes of it (%i)',
    (_, { messages, prompt: text, ids }) => {
      const encoded = conversationEncoder(qwen, { ...config, chat_template: template })(messages);
      expect(qwen.decode(encoded)).toBe(text);
      expect(encoded).toEqual(ids);
    },
  );

  it('may have its template in a list, under the name “default”', () => {
    const list = [
      { name: 'tool_use', template: 'x' },
      { name: 'default', template },
    ];
    const [{ messages, ids }] = golden;
    expect(conversationEncoder(qwen, { ...config, chat_template: list })(messages)).toEqual(ids);
  });
});
