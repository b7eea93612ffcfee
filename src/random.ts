/**
 * Counter-based random numbers: Threefry-2x32-20 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11).
 * The twin of `shaders/sampling.wgsl`: a key and a counter give the same bits on the host and on every adapter.
 */
const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24];

/** Two 32-bit words from key (k0, k1) and counter (c0, c1). */
export function threefry2x32(k0: number, k1: number, c0: number, c1: number): [number, number] {
  const keys = [k0 >>> 0, k1 >>> 0, (0x1bd11bda ^ k0 ^ k1) >>> 0];
  let x0 = (c0 + keys[0]) >>> 0;
  let x1 = (c1 + keys[1]) >>> 0;
  for (let round = 0; round < 20; round++) {
    const r = ROTATIONS[round % 8];
    x0 = (x0 + x1) >>> 0;
    x1 = (((x1 << r) | (x1 >>> (32 - r))) ^ x0) >>> 0;
    if (round % 4 === 3) {
      const n = (round + 1) / 4;
      x0 = (x0 + keys[n % 3]) >>> 0;
      x1 = (x1 + keys[(n + 1) % 3] + n) >>> 0;
    }
  }
  return [x0, x1];
}

/** A sequential stream over Threefry. Its whole state is `seed`, `stream` and `count`, so it can be checkpointed. */
export class Random {
  constructor(
    readonly seed: number,
    readonly stream = 0,
    public count = 0,
  ) {}

  /** Uniform in [0, 1) with 32 bits. */
  next(): number {
    return threefry2x32(this.seed, this.stream, this.count++, 0)[0] / 2 ** 32;
  }

  /** Uniform integer in [0, n). */
  int(n: number): number {
    return Math.floor(this.next() * n);
  }

  /** Uniform integer in [low, high], both ends included. */
  range(low: number, high: number): number {
    return low + this.int(high - low + 1);
  }

  choice<T>(items: readonly T[]): T {
    return items[this.int(items.length)];
  }

  /** Standard normal by Box–Muller (one value per call; the second is discarded to keep the state a plain count). */
  normal(): number {
    const u = 1 - this.next();
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * this.next());
  }

  /** Fisher–Yates, in place. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      [items[i], items[j]] = [items[j], items[i]];
    }
    return items;
  }
}
