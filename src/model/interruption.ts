/** Responses that wait, while others are decoded, for tokens that are not sampled. */

/** Where a response is interrupted, and what it goes on with. What is inserted counts towards the limit. */
export interface Interruption {
  /** Tokens of the response that are kept. */
  kept: number;
  /** Rejecting ends the generation. */
  insert: Promise<readonly number[]>;
}

export interface Arrival {
  slot: number;
  kept: Uint32Array;
  inserted: readonly number[];
}

/** Interrupted responses whose insertions are not there yet. */
export class Waiting {
  private readonly promises = new Map<number, Promise<void>>();
  private readonly arrivals: Arrival[] = [];
  private failure?: { reason: unknown };

  add(slot: number, kept: Uint32Array, insert: Promise<readonly number[]>): void {
    const arrive = (inserted: readonly number[]) => void this.arrivals.push({ slot, kept, inserted });
    const fail = (reason: unknown) => void (this.failure ??= { reason });
    this.promises.set(
      slot,
      insert.then(arrive, fail).finally(() => this.promises.delete(slot)),
    );
  }

  /** What has come since it was asked last. @throws what an insertion was rejected with */
  arrived(): Arrival[] {
    if (this.failure) throw this.failure.reason;
    return this.arrivals.splice(0);
  }

  /** Settles when something has come. */
  any(): Promise<void> {
    return this.arrivals.length || this.failure ? Promise.resolve() : Promise.race(this.promises.values());
  }
}
