/**
 * The tiny model's 96 words, and the Hugging Face tokenizer files made from them. Text is words with one space between;
 * a word's place in the list is its id.
 */
const WORDS =
  '<pad> <bos> <eos> = + - * ( ) , -> A: \\boxed{ } check yes no wait try give up <tool> <out> </tool> so hmm . : again ok is not';

/** The largest number the model can write: there is one word for each of 0..63. */
export const MAX_NUMBER = 63;

/** Every word in the order of the ids. */
export const VOCABULARY: readonly string[] = [
  ...WORDS.split(' '),
  ...Array.from({ length: MAX_NUMBER + 1 }, (_, n) => String(n)),
];

const idOf = new Map(VOCABULARY.map((word, id) => [word, id]));

/**
 * Ids of words separated by single spaces, special tokens included.
 * @throws RangeError naming the first word outside the vocabulary.
 */
export function tokenIds(text: string): number[] {
  return text.split(' ').map((word) => {
    const id = idOf.get(word);
    if (id === undefined)
      throw new RangeError(`"${word}" is not among the ${VOCABULARY.length} words of Countdown`);
    return id;
  });
}

/** The text of ids, one space between words: the inverse of `tokenIds`. */
export const tokenText = (ids: readonly number[]): string => ids.map((id) => VOCABULARY[id]).join(' ');

export const [PAD_ID, BOS_ID, EOS_ID] = tokenIds('<pad> <bos> <eos>');

/**
 * `tokenizer.json`: words split at white space. There is no unknown token, so an unknown word is an error. A call that
 * adds special tokens, as transformers does by default, starts with `<bos>`.
 */
export function tokenizerJson() {
  const special = (content: string, id: number) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  const bos = { SpecialToken: { id: '<bos>', type_id: 0 } };
  const text = (id: 'A' | 'B', type_id: number) => ({ Sequence: { id, type_id } });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [special('<pad>', PAD_ID), special('<bos>', BOS_ID), special('<eos>', EOS_ID)],
    normalizer: null,
    pre_tokenizer: { type: 'WhitespaceSplit' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [bos, text('A', 0)],
      pair: [bos, text('A', 0), text('B', 1)],
      special_tokens: { '<bos>': { id: '<bos>', ids: [BOS_ID], tokens: ['<bos>'] } },
    },
    decoder: null,
    model: { type: 'WordLevel', vocab: Object.fromEntries(idOf), unk_token: '<unk>' },
  };
}

/** `tokenizer_config.json`. The chat template passes a message through: `<bos>`, then its content. */
export function tokenizerConfigJson() {
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    bos_token: '<bos>',
    eos_token: '<eos>',
    pad_token: '<pad>',
    clean_up_tokenization_spaces: false,
    model_input_names: ['input_ids', 'attention_mask'],
    chat_template: "{{ bos_token }}{% for message in messages %} {{ message['content'] }}{% endfor %}",
  };
}
