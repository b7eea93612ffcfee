import { bitLength, rational, type Rational } from './rational';

export interface PrimePower {
  readonly prime: bigint;
  readonly exponent: number;
  /** Whether `prime` is known to be prime: what is left after trial division may be composite. */
  readonly certain: boolean;
}

const TRIAL_LIMIT = 1000n;
/** Longer numbers are not divided at all. */
const MAX_FACTORED_BITS = 1024;

/** The factors of a positive integer: primes below 1000, then the cofactor, to its lowest base. */
export function factorise(n: bigint): PrimePower[] {
  const factors: PrimePower[] = [];
  if (bitLength(n) <= MAX_FACTORED_BITS) {
    for (let p = 2n; p < TRIAL_LIMIT && p * p <= n; p += p === 2n ? 1n : 2n) {
      let exponent = 0;
      while (n % p === 0n) {
        n /= p;
        exponent++;
      }
      if (exponent) factors.push({ prime: p, exponent, certain: true });
    }
  }
  if (n === 1n) return factors;
  for (const exponent of [6, 5, 4, 3, 2]) {
    const base = integerRoot(n, exponent);
    if (base ** BigInt(exponent) === n)
      return [...factors, { prime: base, exponent, certain: base < TRIAL_LIMIT ** 2n }];
  }
  return [...factors, { prime: n, exponent: 1, certain: n < TRIAL_LIMIT ** 2n }];
}

/** The largest whole number whose power does not exceed n > 0, by Newton's method. */
export function integerRoot(n: bigint, index: number): bigint {
  const k = BigInt(index);
  let x = 1n << BigInt(Math.ceil(bitLength(n) / index));
  for (;;) {
    const next = ((k - 1n) * x + n / x ** (k - 1n)) / k;
    if (next >= x) return x;
    x = next;
  }
}

/** value^(1/index) = outside · ∏ prime^(exponent / index), for a value ≥ 0. */
export function rootParts(
  value: Rational,
  index: number,
): { outside: Rational; radicals: (PrimePower & { index: number })[] } {
  if (value.n === 0n) return { outside: value, radicals: [] };
  // (n/d)^(1/k) = (n · d^(k−1))^(1/k) / d
  const exponents = new Map<bigint, { exponent: number; certain: boolean }>();
  const note = (factors: PrimePower[], times: number) => {
    for (const { prime, exponent, certain } of factors) {
      const before = exponents.get(prime)?.exponent ?? 0;
      exponents.set(prime, { exponent: before + exponent * times, certain });
    }
  };
  note(factorise(value.n), 1);
  note(factorise(value.d), index - 1);
  let outside = 1n;
  const radicals: (PrimePower & { index: number })[] = [];
  for (const [prime, { exponent, certain }] of exponents) {
    outside *= prime ** BigInt(Math.floor(exponent / index));
    const rest = exponent % index;
    const common = gcd(rest, index);
    if (rest) radicals.push({ prime, exponent: rest / common, index: index / common, certain });
  }
  return { outside: rational(outside, value.d), radicals };
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
