/**
 * Real numbers to a chosen number of bits, as mantissa · 2^exponent with BigInt mantissas, and the elementary
 * functions on them. Results are right to all but about the last 20 bits. `null`: no real value, or one out of range.
 */
import { bitLength, type Rational } from './rational';

export interface Real {
  readonly m: bigint;
  readonly e: number;
}

/** Trailing bits that rounding may spoil. */
const SLACK = 96;

/** Magnitudes beyond 2^±range are refused, so that what cancels stays far above the last bits. */
export class Reals {
  private readonly range: number;
  private pi?: bigint;
  private ln2?: bigint;

  /** @param bits of each mantissa */
  constructor(readonly bits: number) {
    this.range = bits / 4;
  }

  readonly zero: Real = { m: 0n, e: 0 };

  of({ n, d }: Rational): Real | null {
    const shift = Math.max(0, this.bits + bitLength(d) - bitLength(n));
    return this.rounded((n << BigInt(shift)) / d, -shift);
  }

  add(a: Real, b: Real): Real | null {
    if (a.m === 0n) return b;
    if (b.m === 0n) return a;
    const [high, low] = a.e > b.e ? [a, b] : [b, a];
    const shift = high.e - low.e;
    if (shift > 4 * this.bits) return high;
    return this.withoutNoise((high.m << BigInt(shift)) + low.m, low.e, Math.max(this.size(a), this.size(b)));
  }

  negate = (a: Real): Real => ({ m: -a.m, e: a.e });

  multiply = (a: Real, b: Real): Real | null => this.rounded(a.m * b.m, a.e + b.e);

  divide(a: Real, b: Real): Real | null {
    if (b.m === 0n) return null;
    const shift = Math.max(0, this.bits + bitLength(b.m) - bitLength(a.m));
    return this.rounded((a.m << BigInt(shift)) / b.m, a.e - b.e - shift);
  }

  sign = (a: Real): number => (a.m > 0n ? 1 : a.m < 0n ? -1 : 0);

  /** The position of the leading bit: 2^size ≤ |a| · 2 < 2^(size + 1); −∞ for 0. */
  size = (a: Real): number => (a.m === 0n ? -Infinity : bitLength(a.m) + a.e);

  compare(a: Real, b: Real): number {
    const d = this.add(a, this.negate(b));
    return d ? this.sign(d) : NaN;
  }

  /** The nearest double. */
  toNumber(a: Real): number {
    const drop = Math.max(0, bitLength(a.m) - 60);
    return Number(a.m >> BigInt(drop)) * 2 ** (a.e + drop);
  }

  /** ⌊a⌋, or null when a is not clear of a whole number by more than its error. */
  floor(a: Real): bigint | null {
    const fixed = this.toFixed(a);
    const below = fixed >> BigInt(this.bits);
    const rest = fixed - (below << BigInt(this.bits));
    const margin = 1n << BigInt(this.bits / 2);
    return rest > margin && rest < (1n << BigInt(this.bits)) - margin ? below : null;
  }

  power(a: Real, exponent: Real): Real | null {
    const whole = this.whole(exponent);
    if (whole !== null && whole >= -100_000n && whole <= 100_000n) return this.wholePower(a, Number(whole));
    if (a.m === 0n) return exponent.m > 0n ? this.zero : null;
    if (a.m < 0n) return null;
    const ln = this.ln(a);
    const product = ln && this.multiply(ln, exponent);
    return product && this.exp(product);
  }

  exp(a: Real): Real | null {
    if (this.size(a) > 24) return null;
    const x = this.toFixed(a);
    const k = x / this.fixedLn2();
    // e^x = 2^k · (e^(r / 2^8))^(2^8)
    let y = this.expSeries((x - k * this.fixedLn2()) >> 8n);
    for (let i = 0; i < 8; i++) y = (y * y) >> BigInt(this.bits);
    return this.rounded(y, Number(k) - this.bits);
  }

  ln(a: Real): Real | null {
    if (a.m <= 0n) return null;
    const size = this.size(a);
    const y = this.toFixed({ m: a.m, e: a.e - size });
    return this.rounded(this.lnFixed(y) + BigInt(size) * this.fixedLn2(), -this.bits);
  }

  sinCos(a: Real): { sin: Real; cos: Real } | null {
    if (this.size(a) > this.bits / 4) return null;
    const x = this.toFixed(a);
    const quarter = this.fixedPi() >> 1n;
    const k = (2n * x + quarter) / (2n * quarter) - (2n * x + quarter < 0n ? 1n : 0n);
    const r = x - k * quarter;
    const [sin, cos] = [this.trigSeries(r, r, 1n), this.trigSeries(1n << BigInt(this.bits), r, 0n)];
    const turned = [
      [sin, cos],
      [cos, -sin],
      [-sin, -cos],
      [-cos, sin],
    ][Number(((k % 4n) + 4n) % 4n)];
    const [s, c] = turned.map((v) => this.withoutNoise(v, -this.bits, 0));
    return s && c && { sin: s, cos: c };
  }

  arctan(a: Real): Real | null {
    if (a.m === 0n) return a;
    if (this.size(a) > 1) {
      const inverse = this.divide({ m: 1n, e: 0 }, a);
      const rest = inverse && this.arctan(inverse);
      const half = this.rounded(this.fixedPi() >> 1n, -this.bits)!;
      return rest && this.add(a.m < 0n ? this.negate(half) : half, this.negate(rest));
    }
    const one = 1n << BigInt(this.bits);
    let x = this.toFixed(a);
    // atan x = 2 atan(x / (1 + √(1 + x²)))
    for (let i = 0; i < 4; i++) x = (x << BigInt(this.bits)) / (one + squareRoot(one * one + x * x));
    const square = (x * x) >> BigInt(this.bits);
    let [sum, term] = [0n, x];
    for (let k = 1n; term !== 0n; k += 2n) {
      sum += term / k;
      term = -((term * square) >> BigInt(this.bits));
      if (term === -1n) break;
    }
    return this.rounded(sum << 4n, -this.bits);
  }

  sqrt(a: Real): Real | null {
    if (a.m < 0n) return null;
    const shift = 2 * this.bits + ((a.e + 2 * this.bits) & 1);
    return this.rounded(squareRoot(a.m << BigInt(shift)), (a.e - shift) / 2);
  }

  get piValue(): Real {
    return this.rounded(this.fixedPi(), -this.bits)!;
  }

  private rounded(m: bigint, e: number): Real | null {
    const length = bitLength(m);
    if (length === 0) return this.zero;
    if (Math.abs(length + e) > this.range) return null;
    const excess = length - this.bits;
    return excess > 0 ? { m: m >> BigInt(excess), e: e + excess } : { m, e };
  }

  /** Zero for what is left when numbers of the given size cancel to their last bits. */
  private withoutNoise(m: bigint, e: number, size: number): Real | null {
    return bitLength(m) + e <= size - this.bits + SLACK ? this.zero : this.rounded(m, e);
  }

  private toFixed(a: Real): bigint {
    const shift = a.e + this.bits;
    return shift >= 0 ? a.m << BigInt(shift) : a.m >> BigInt(-shift);
  }

  private whole({ m, e }: Real): bigint | null {
    if (e >= 0) return e > 64 ? null : m << BigInt(e);
    const back = (m >> BigInt(-e)) << BigInt(-e);
    return back === m ? m >> BigInt(-e) : null;
  }

  private wholePower(a: Real, exponent: number): Real | null {
    if (exponent < 0) {
      const inverse = this.wholePower(a, -exponent);
      return inverse && this.divide({ m: 1n, e: 0 }, inverse);
    }
    let result: Real | null = { m: 1n, e: 0 };
    let square: Real | null = a;
    for (let n = exponent; n > 0; n = Math.floor(n / 2)) {
      if (!square) return null;
      if (n % 2) result = this.multiply(result, square);
      if (!result) return null;
      if (n > 1) square = this.multiply(square, square);
    }
    return result;
  }

  private fixedPi(): bigint {
    // Machin: π = 16 atan(1/5) − 4 atan(1/239), with some bits to spare.
    const one = 1n << BigInt(this.bits + 32);
    return (this.pi ??= (16n * inverseSeries(one, 5n, -1n) - 4n * inverseSeries(one, 239n, -1n)) >> 32n);
  }

  private fixedLn2(): bigint {
    // ln 2 = 2 atanh(1/3)
    return (this.ln2 ??= (2n * inverseSeries(1n << BigInt(this.bits + 32), 3n, 1n)) >> 32n);
  }

  private expSeries(x: bigint): bigint {
    let [sum, term] = [0n, 1n << BigInt(this.bits)];
    for (let k = 1n; term !== 0n && term !== -1n; k++) {
      sum += term;
      term = (term * x) / (k << BigInt(this.bits));
    }
    return sum;
  }

  /** ln of y in [1/2, 1): 2^5 · 2 atanh((z − 1) / (z + 1)), z = y^(1/32). */
  private lnFixed(y: bigint): bigint {
    const bits = BigInt(this.bits);
    const one = 1n << bits;
    for (let i = 0; i < 5; i++) y = squareRoot(y << bits);
    const x = ((y - one) << bits) / (y + one);
    const square = (x * x) >> bits;
    let [sum, term] = [0n, x];
    for (let k = 1n; term !== 0n && term !== -1n; k += 2n) {
      sum += term / k;
      term = (term * square) >> bits;
    }
    return sum << 6n;
  }

  /** first − first · x² / ((n + 1)(n + 2)) + …: sin x from x and n = 1, cos x from 1 and n = 0. */
  private trigSeries(first: bigint, x: bigint, n: bigint): bigint {
    const square = (x * x) >> BigInt(this.bits);
    let [sum, term] = [0n, first];
    for (let k = n; term !== 0n && term !== -1n; k += 2n) {
      sum += term;
      term = -(term * square) / (((k + 1n) * (k + 2n)) << BigInt(this.bits));
    }
    return sum;
  }
}

/** atan(1/q) for sign −1, atanh(1/q) for sign 1, times `one`. */
function inverseSeries(one: bigint, q: bigint, sign: bigint): bigint {
  let [sum, term] = [0n, one / q];
  for (let k = 1n; term !== 0n; k += 2n) {
    sum += term / k;
    term = (sign * term) / (q * q);
  }
  return sum;
}

/** ⌊√n⌋ */
function squareRoot(n: bigint): bigint {
  if (n < 2n) return n;
  let x = 1n << BigInt((bitLength(n) + 1) >> 1);
  for (;;) {
    const next = (x + n / x) >> 1n;
    if (next >= x) return x;
    x = next;
  }
}
