import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';

export class TokenizerError extends Error {
  override name = 'TokenizerError';
}

/** `tokenizer_config.json` gives a special token as its text or as an object that holds the text. */
function specialToken(config: object, name: string): string | null {
  const token: unknown = Reflect.get(config, name);
  if (typeof token === 'string') return token;
  if (typeof token === 'object' && token !== null && 'content' in token) {
    return typeof token.content === 'string' ? token.content : null;
  }
  return null;
}

/**
 * Text to ids and back, from the two files of a Hugging Face model directory. Special tokens are never added or
 * dropped unasked, and decoding keeps spaces as the model wrote them.
 */
export class Tokenizer {
  /** Null where the model has no such token, as Qwen has no `bos`. */
  readonly bosId: number | null;
  readonly eosId: number;
  /** The end-of-sequence token where there is no padding token. */
  readonly padId: number;
  private readonly inner: HuggingFaceTokenizer;

  /**
   * @param tokenizerJson the parsed `tokenizer.json`
   * @param tokenizerConfig the parsed `tokenizer_config.json`
   * @throws TokenizerError when they do not describe a tokenizer with an end-of-sequence token
   */
  constructor(tokenizerJson: unknown, tokenizerConfig: unknown) {
    if (!isObject(tokenizerJson)) throw new TokenizerError('tokenizer.json is not a JSON object.');
    if (!isObject(tokenizerConfig)) throw new TokenizerError('tokenizer_config.json is not a JSON object.');
    try {
      this.inner = new HuggingFaceTokenizer(tokenizerJson, {
        ...tokenizerConfig,
        clean_up_tokenization_spaces: false,
      });
    } catch (cause) {
      throw new TokenizerError(`tokenizer.json cannot be read: ${String(cause)}`, { cause });
    }
    const idOf = (name: string): number | null => {
      const token = specialToken(tokenizerConfig, name);
      return token === null ? null : (this.inner.token_to_id(token) ?? null);
    };
    const eosId = idOf('eos_token');
    if (eosId === null) {
      throw new TokenizerError(
        'tokenizer_config.json names no eos_token of the vocabulary: responses could not end.',
      );
    }
    this.bosId = idOf('bos_token');
    this.eosId = eosId;
    this.padId = idOf('pad_token') ?? eosId;
  }

  /**
   * Ids of a text. Special tokens written in it are recognised; none is added.
   * @throws TokenizerError naming a word the vocabulary lacks
   */
  encode(text: string): number[] {
    const { ids, tokens } = this.inner.encode(text, { add_special_tokens: false });
    // The library leaves a hole for a word of a vocabulary without an unknown token.
    const unknown = ids.findIndex((id: number | undefined) => id === undefined);
    if (unknown >= 0) throw new TokenizerError(`The tokenizer does not know "${tokens[unknown]}".`);
    return ids;
  }

  /**
   * The text of ids, spaces as they are. Ids above all tokens are nothing, as in transformers: models have more rows than
   * tokens (Qwen's 151,936 for 151,669), and one that explores may sample them.
   * @throws TokenizerError for what is no id
   */
  decode(ids: ArrayLike<number>, options: { skipSpecialTokens?: boolean } = {}): string {
    const wrong = Array.from(ids).find((id) => !Number.isSafeInteger(id) || id < 0);
    if (wrong !== undefined) throw new TokenizerError(`${wrong} is no token id.`);
    const list = Array.from(ids).filter((id) => this.inner.id_to_token(id) !== undefined);
    if (list.length === 0) return '';
    return this.inner.decode(list, {
      skip_special_tokens: options.skipSpecialTokens ?? false,
      clean_up_tokenization_spaces: false,
    });
  }

  /** The id of one token, or null when there is none such. */
  tokenId(token: string): number | null {
    return this.inner.token_to_id(token) ?? null;
  }
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
