import { MathsError } from './errors';
import { bits, isInteger, negate, rational, type Rational } from './rational';
import { call, difference, integer, quotient, type Node } from './tree';

const MAX_FACTORIAL = 500n;

/**
 * A call whose value is a rational number (`5!`, `\lfloor 2.5 \rfloor`, `\max(1, 2)`) or a simpler expression.
 * @param values the arguments that are rational numbers
 * @returns undefined when there is nothing to fold
 * @throws MathsError where the function has no value
 */
export function foldCall(
  name: string,
  values: readonly (Rational | undefined)[],
  args: readonly Node[],
): Rational | Node | undefined {
  if (name === 'binomial') return binomial(values[0], values[1], args[0]);
  const known = values.filter((v) => v !== undefined);
  if (known.length < values.length || known.length === 0) return undefined;
  const [x] = known;
  switch (name) {
    case 'abs':
      return x.n < 0n ? negate(x) : x;
    case 'floor':
      return rational(floor(x));
    case 'ceiling':
      return rational(-floor(negate(x)));
    case 'factorial':
      return factorial(x);
    case 'max':
      return known.reduce((a, b) => (less(a, b) ? b : a));
    case 'min':
      return known.reduce((a, b) => (less(a, b) ? a : b));
    case 'gcd':
      return rational(known.map(whole).reduce(gcd));
    case 'lcm':
      return rational(known.map(whole).reduce((a, b) => (a === 0n ? 0n : (a / gcd(a, b)) * b)));
    case 'ln':
      if (x.n <= 0n) throw new MathsError('the logarithm of a number that is not positive has no value');
      return undefined;
    case 'sin':
    case 'tan':
    case 'arcsin':
    case 'arctan':
    case 'sinh':
    case 'tanh':
      return x.n === 0n ? x : undefined;
    case 'cos':
    case 'sec':
    case 'cosh':
      return x.n === 0n ? rational(1n) : undefined;
    default:
      return undefined;
  }
}

const floor = ({ n, d }: Rational): bigint => (n < 0n ? -((-n + d - 1n) / d) : n / d);
const less = (a: Rational, b: Rational): boolean => a.n * b.d < b.n * a.d;
const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? (a < 0n ? -a : a) : gcd(b, a % b));

function whole(a: Rational): bigint {
  if (!isInteger(a) || bits(a) > 256) throw new MathsError('gcd and lcm are for whole numbers');
  return a.n;
}

function factorial(x: Rational): Rational {
  if (!isInteger(x) || x.n < 0n || x.n > MAX_FACTORIAL)
    throw new MathsError('a factorial has no value or is too large');
  let product = 1n;
  for (let k = 2n; k <= x.n; k++) product *= k;
  return rational(product);
}

/** n (n − 1) … (n − k + 1) / k! for a small whole k, n a number or a variable. */
function binomial(n: Rational | undefined, k: Rational | undefined, top: Node): Node | undefined {
  if (!k || !isInteger(k) || k.n < 0n) return undefined;
  const small = n && isInteger(n) && n.n >= k.n && n.n - k.n < k.n ? rational(n.n - k.n) : k;
  if (small.n > 100n || (!n && small.n > 8n)) throw new MathsError('a binomial coefficient is too large');
  const factors = Array.from({ length: Number(small.n) }, (_, j) => difference(top, integer(j)));
  return quotient(
    { type: 'multiply', factors: [integer(1), ...factors] },
    call('factorial', integer(Number(small.n))),
  );
}
