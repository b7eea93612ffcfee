/** A text to learn from. The first `promptLength` tokens are given: they carry no loss (`<bos>` alone counts as 1). */
export interface TokenDocument {
  readonly ids: readonly number[];
  readonly promptLength: number;
}

/**
 * Rows of `rowLength` tokens, row after row in flat arrays of `rows * rowLength`. Documents lie end to end in a row and
 * none is cut; what is left of a row is padding, each padding token a document of its own without loss.
 */
export interface PackedRows {
  readonly rows: number;
  readonly rowLength: number;
  readonly ids: Uint32Array;
  /** Position within the own document, from 0. */
  readonly positions: Uint32Array;
  /** Flat index of the first token of the own document: token i attends to segmentStarts[i]..i. */
  readonly segmentStarts: Uint32Array;
  /** The id to predict after each token; 0 where `lossMask` is 0. */
  readonly targets: Uint32Array;
  /** 1 where the next token belongs to the same document and not to its prompt, else 0. */
  readonly lossMask: Float32Array;
  /** Tokens that are not padding. */
  readonly tokens: number;
}

/** Fills rows from a stream of documents; the document that did not fit opens the next row. */
export class Packer {
  private waiting: TokenDocument | undefined;

  constructor(
    private readonly documents: Iterator<TokenDocument>,
    readonly rowLength: number,
    private readonly padId: number,
  ) {}

  /**
   * The next rows. After the end of the stream they are padding.
   * @throws RangeError for a document longer than a row.
   */
  pack(rows: number): PackedRows {
    const size = rows * this.rowLength;
    const ids = new Uint32Array(size).fill(this.padId);
    const positions = new Uint32Array(size);
    const segmentStarts = Uint32Array.from({ length: size }, (_, i) => i);
    const targets = new Uint32Array(size);
    const lossMask = new Float32Array(size);
    let tokens = 0;

    const place = (document: TokenDocument, start: number) => {
      document.ids.forEach((id, position) => {
        const i = start + position;
        ids[i] = id;
        positions[i] = position;
        segmentStarts[i] = start;
        if (position > 0 && position >= document.promptLength) {
          targets[i - 1] = id;
          lossMask[i - 1] = 1;
        }
      });
      tokens += document.ids.length;
    };

    for (let row = 0; row < rows; row++) {
      let at = row * this.rowLength;
      const end = at + this.rowLength;
      for (let document = this.take(); document; document = this.take()) {
        if (at + document.ids.length > end) {
          this.waiting = document;
          break;
        }
        place(document, at);
        at += document.ids.length;
      }
    }
    return { rows, rowLength: this.rowLength, ids, positions, segmentStarts, targets, lossMask, tokens };
  }

  private take(): TokenDocument | undefined {
    const waiting = this.waiting;
    this.waiting = undefined;
    if (waiting) return waiting;
    const next = this.documents.next();
    if (next.done) return undefined;
    if (next.value.ids.length > this.rowLength) {
      throw new RangeError(
        `A document of ${next.value.ids.length} tokens does not fit into a row of ${this.rowLength}: choose longer rows`,
      );
    }
    return next.value;
  }
}
