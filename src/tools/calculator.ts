/**
 * An exact calculator: `( 14 + 1 / 3 ) * 3` is 43. Fractions are never rounded. Every line of the code is an expression of
 * numbers, + - * / and parentheses, and gives a line of output; `a = b` gives `yes` or `no`.
 *
 * It evaluates no code and every number is bounded, so that it runs where it is called, without a worker.
 */
import { cutMiddle } from './output';
import { type Interpreter, type Refusal, ToolError, type ToolLimits, type ToolResult } from './types';

/** Longer code is refused, and so are numbers of more bits and deeper parentheses. */
const LONGEST_CODE = 10_000;
const MOST_BITS = 4096n;
const DEEPEST = 100;

/** n / d in lowest terms, d > 0. */
interface Fraction {
  n: bigint;
  d: bigint;
}

class CalculatorError extends Error {
  constructor(
    message: string,
    readonly refused?: Refusal,
  ) {
    super(message);
  }
}

/** An exact calculator behind the interface of the code interpreters. */
export class Calculator implements Interpreter {
  private closed = false;

  constructor(private readonly limits: Pick<ToolLimits, 'output_chars'>) {}

  // eslint-disable-next-line @typescript-eslint/require-await -- to throw is to reject
  async call(code: string, signal?: AbortSignal): Promise<ToolResult> {
    if (this.closed) throw new ToolError('The calculator was closed, so this call was not made.');
    signal?.throwIfAborted();
    const begin = performance.now();
    const { lines, error, refused } = calculate(code);
    return {
      stdout: cutMiddle(lines.map((line) => `${line}\n`).join(''), this.limits.output_chars),
      error,
      ms: performance.now() - begin,
      ...(refused && { refused }),
    };
  }

  close(): void {
    this.closed = true;
  }
}

/** A line of output for every line of code that is not empty, up to the first that fails. */
function calculate(code: string): { lines: string[]; error: string | null; refused?: Refusal } {
  const lines: string[] = [];
  try {
    if (code.length > LONGEST_CODE)
      throw new CalculatorError(`The code is longer than ${LONGEST_CODE} characters.`, 'memory');
    for (const line of code.split('\n')) if (line.trim() !== '') lines.push(new Parser(line).statement());
    return { lines, error: null };
  } catch (error) {
    if (!(error instanceof CalculatorError)) throw error;
    return { lines, error: error.message, refused: error.refused };
  }
}

/** Recursive descent: statement = sum ["=" sum]; sum = product {± product}; product = signed {×÷ signed}. */
class Parser {
  private readonly tokens: string[];
  private at = 0;
  private depth = 0;

  constructor(line: string) {
    const plain = line.replaceAll('−', '-').replace(/[×·]/g, '*').replaceAll('÷', '/');
    this.tokens = plain.match(/\d+(?:\.\d+)?|\.\d+|==?|\S/g) ?? [];
  }

  statement(): string {
    const left = this.sum();
    if (this.takeOne('=', '==')) {
      const right = this.sum();
      this.end();
      return left.n === right.n && left.d === right.d ? 'yes' : 'no';
    }
    this.end();
    return left.d === 1n ? `${left.n}` : `${left.n} / ${left.d}`;
  }

  private sum(): Fraction {
    let value = this.product();
    for (;;) {
      const sign = this.takeOne('+', '-');
      if (!sign) return value;
      const { n, d } = this.product();
      value = fraction(value.n * d + (sign === '-' ? -n : n) * value.d, value.d * d);
    }
  }

  private product(): Fraction {
    let value = this.signed();
    for (;;) {
      const operator = this.takeOne('*', '/');
      if (!operator) return value;
      const { n, d } = this.signed();
      value = operator === '*' ? fraction(value.n * n, value.d * d) : fraction(value.n * d, value.d * n);
    }
  }

  private signed(): Fraction {
    let negative = false;
    for (let sign = this.takeOne('+', '-'); sign; sign = this.takeOne('+', '-'))
      if (sign === '-') negative = !negative;
    const { n, d } = this.atom();
    return { n: negative ? -n : n, d };
  }

  private atom(): Fraction {
    const token = this.tokens[this.at++];
    if (token === undefined) throw new CalculatorError('The expression ends too early.');
    if (/^[\d.]+$/.test(token) && /\d/.test(token)) return decimal(token);
    if (token !== '(') throw new CalculatorError(`“${token}” does not belong where it stands.`);
    if (++this.depth > DEEPEST) throw new CalculatorError('The parentheses are nested too deeply.', 'memory');
    const value = this.sum();
    if (!this.takeOne(')')) throw new CalculatorError('A parenthesis is not closed.');
    this.depth--;
    return value;
  }

  private takeOne(...tokens: string[]): string | undefined {
    return tokens.includes(this.tokens[this.at]) ? this.tokens[this.at++] : undefined;
  }

  private end(): void {
    const left = this.tokens[this.at];
    if (left !== undefined) throw new CalculatorError(`“${left}” does not belong where it stands.`);
  }
}

function decimal(text: string): Fraction {
  const [whole, digits = ''] = text.split('.');
  // log2(10) < 4
  if (text.length * 4 > MOST_BITS) throw tooLong();
  return fraction(BigInt(whole + digits), 10n ** BigInt(digits.length));
}

function fraction(n: bigint, d: bigint): Fraction {
  if (d === 0n) throw new CalculatorError('Division by zero.');
  const divisor = gcd(n, d) * (d < 0n ? -1n : 1n);
  const value = { n: n / divisor, d: d / divisor };
  if (magnitude(value.n) >> MOST_BITS || value.d >> MOST_BITS) throw tooLong();
  return value;
}

const tooLong = () => new CalculatorError('The numbers are too long.', 'memory');

const magnitude = (n: bigint): bigint => (n < 0n ? -n : n);

function gcd(a: bigint, b: bigint): bigint {
  while (b) [a, b] = [b, a % b];
  return magnitude(a);
}
