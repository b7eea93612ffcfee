import { judgeBoxed } from '../boxed';
import type { Verdict } from '../types';
import type { CountdownProblem } from './problems';

/** sum = product (('+' | '-') product)*, product = factor ('*' factor)*, factor = integer | '(' sum ')'. Boxes are short, so the recursion is shallow. */
class Parser {
  readonly numbers: number[] = [];
  error: string | undefined;
  private readonly tokens: string[];
  private at = 0;

  constructor(text: string) {
    this.tokens = text.match(/\d+|\S/gu) ?? [];
  }

  /** The value of the whole text, or NaN with `error` set. */
  parse(): number {
    const value = this.sum();
    return this.at < this.tokens.length ? this.unexpected() : value;
  }

  private sum(): number {
    let value = this.product();
    for (;;) {
      if (this.take('+')) value += this.product();
      else if (this.take('-')) value -= this.product();
      else return value;
    }
  }

  private product(): number {
    let value = this.factor();
    while (this.take('*')) value *= this.factor();
    return value;
  }

  private factor(): number {
    if (this.take('(')) {
      const value = this.sum();
      return this.take(')') ? value : this.unexpected();
    }
    const token = this.tokens[this.at];
    if (token === undefined || !/^\d+$/.test(token)) return this.unexpected();
    this.at++;
    this.numbers.push(Number(token));
    return Number(token);
  }

  private take(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at++;
    return true;
  }

  /** Notes the first error and jumps to the end, so that nothing more is read. */
  private unexpected(): number {
    const token = this.tokens[this.at];
    this.error ??= token === undefined ? 'it ends too early' : `unexpected "${token}"`;
    this.at = this.tokens.length;
    return NaN;
  }
}

function misuse(given: readonly number[], used: readonly number[]): string | null {
  const count = (all: readonly number[], n: number) => all.filter((m) => m === n).length;
  for (const n of used) {
    if (!given.includes(n)) return `${n} is not among the given numbers ${given.join(', ')}`;
    if (count(used, n) > count(given, n)) return `${n} is used too often`;
  }
  const unused = given.find((n) => count(used, n) < count(given, n));
  return unused === undefined ? null : `${unused} is not used`;
}

/**
 * Checks the last `\boxed{…}` of a response: an expression over + − × and parentheses that uses each given number
 * exactly once and equals the target, in exact integer arithmetic. Never throws.
 */
export function verify(problem: CountdownProblem, response: string): Verdict {
  return judgeBoxed(response, (content) => {
    const wrong = (reason: string) => ({ correct: false, reason });
    const parser = new Parser(content);
    const value = parser.parse();
    if (parser.error) return wrong(`The box is not an expression: ${parser.error}`);
    const misused = misuse(problem.numbers, parser.numbers);
    if (misused) return wrong(misused);
    if (value !== problem.target) return wrong(`${value} is not the target ${problem.target}`);
    return { correct: true, reason: `${value} is the target and each number is used once` };
  });
}
