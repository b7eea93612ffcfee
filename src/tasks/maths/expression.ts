import { MathsError } from './errors';
import type { Token } from './lexer';
import { parseDecimal, power as powerOf, rational } from './rational';
import { literal, mixed, scaleOf } from './numerals';
import { call, INFINITY, integer, negated, number, ONE_NODE, quotient, REALS, type Node } from './tree';
import { LIST_FUNCTIONS, NAMED_FUNCTIONS } from './vocabulary';

/** Deeper nesting is refused. */
const MAX_DEPTH = 40;

const CLOSING = new Set([')', ']', '}', '\\}', '⟩', '⌋', '⌉', '&', '\\\\']);
const MATRICES = new Set(['matrix', 'pmatrix', 'bmatrix', 'Bmatrix', 'array', 'smallmatrix']);

/**
 * Expressions in LaTeX or plain, by recursive descent:
 *
 *     sum      ['+' | '-' | '±'] product (('+' | '-' | '±') product)*
 *     product  chain (('*' | '/') chain)*       1/2x is 1/(2x)
 *     chain    power power*                     juxtaposition
 *     power    postfix ['^' argument]
 *     postfix  primary ('!' | '%' | '°' | unit)*
 */
export abstract class ExpressionParser {
  private at = 0;
  private depth = 0;
  /** How many `|` are open. */
  private bars = 0;
  private tokens: Token[];

  constructor(tokens: readonly Token[]) {
    this.tokens = [...tokens];
  }

  /** What stands between brackets: groups between `;` of items between `,`. */
  protected abstract groups(): Node[][];

  protected peek = (ahead = 0): Token | undefined => this.tokens[this.at + ahead];
  protected done = (): boolean => this.at >= this.tokens.length;
  protected advance = (): void => void this.at++;

  /** The operator at this place, or ''. */
  protected operator(ahead = 0): string {
    const token = this.peek(ahead);
    return token?.kind === 'operator' ? token.value : '';
  }

  protected take(operator: string): boolean {
    if (this.operator() !== operator) return false;
    this.at++;
    return true;
  }

  protected expect(operator: string): void {
    if (!this.take(operator)) throw new MathsError(`a "${operator}" is missing`);
  }

  protected atClosing = (): boolean =>
    CLOSING.has(this.operator()) || this.peek()?.kind === 'end' || (this.bars > 0 && this.operator() === '|');

  protected sum(): Node {
    if (++this.depth > MAX_DEPTH) throw new MathsError('it is nested too deeply');
    const terms: Node[] = [];
    for (;;) {
      const sign = this.operator();
      const isSign = sign === '+' || sign === '-' || sign === '±' || sign === '∓';
      if (isSign) this.advance();
      else if (terms.length > 0) break;
      const term = isSign && this.take('-') ? negated(this.product()) : this.product();
      if (sign === '-') terms.push(negated(term));
      else if (sign === '±' || sign === '∓')
        terms.push({ type: 'plusMinus', sign: sign === '±' ? 1 : -1, of: term });
      else terms.push(term);
    }
    this.depth--;
    return terms.length === 1 ? terms[0] : { type: 'add', terms };
  }

  private product(): Node {
    let left = this.chain();
    for (;;) {
      if (this.take('*')) left = { type: 'multiply', factors: [left, this.signedChain()] };
      else if (this.take('/')) left = quotient(left, this.signedChain());
      else return left;
    }
  }

  private signedChain(): Node {
    return this.take('-') ? negated(this.chain()) : this.chain();
  }

  private chain(): Node {
    const factors = [this.power()];
    while (this.startsFactor()) factors.push(this.power());
    return factors.length === 1 ? factors[0] : { type: 'multiply', factors };
  }

  private startsFactor(): boolean {
    const token = this.peek();
    if (!token) return false;
    if (token.kind === 'operator')
      return ['(', '{', '⌊', '⌈'].includes(token.value) || (token.value === '|' && this.bars === 0);
    // `3!7!` is a product; `3 7` is not one.
    if (token.kind === 'number') return this.operator(-1) === '!';
    return token.kind === 'name' || token.kind === 'command' || token.kind === 'begin';
  }

  private power(): Node {
    const base = this.postfix(this.primary());
    if (!this.take('^')) return base;
    const degrees = this.operator() === '°' || (this.operator() === '{' && this.operator(1) === '°');
    if (degrees) {
      if (this.take('{')) this.advance();
      this.advance();
      return this.postfix({ type: 'unit', of: base, name: 'degree' });
    }
    return this.postfix({ type: 'power', base, exponent: this.argument() });
  }

  private postfix(node: Node): Node {
    for (;;) {
      if (this.take('!')) node = call('factorial', node);
      else if (this.take('%')) node = { type: 'percent', of: node };
      else if (this.take('°')) node = { type: 'unit', of: node, name: 'degree' };
      else if (this.peek()?.kind === 'text') node = this.unit(node);
      else return node;
    }
  }

  /** `\text{ km}/\text{h}`, `\text{ cm}^2`, `\text{ square metres}`. */
  private unit(of: Node): Node {
    const scale = scaleOf(this.peek()!.value);
    if (scale !== undefined) {
      this.advance();
      return { type: 'multiply', factors: [of, number(powerOf(rational(10n), scale))] };
    }
    let name = '';
    for (;;) {
      name += this.peek()!.value;
      this.advance();
      if (this.operator() === '^') {
        this.advance();
        const exponent = this.argument();
        name += exponent.type === 'number' ? `^${exponent.value.n}` : '^?';
      }
      const joined = this.operator() === '/' || this.operator() === '*';
      if (joined && this.peek(1)?.kind === 'text') {
        name += this.operator();
        this.advance();
      } else if (this.peek()?.kind === 'text') name += ' ';
      else return { type: 'unit', of, name };
    }
  }

  /** What follows `^`, `\frac` or `\sqrt`: braces, or one token, of which a number gives one digit if `digit`. */
  protected argument(digit = false): Node {
    const token = this.peek();
    if (!token) throw new MathsError('it ends too early');
    if (this.operator() === '-' || this.operator() === '+') {
      this.advance();
      return token.value === '-' ? negated(this.argument()) : this.argument();
    }
    if (token.kind !== 'number') return this.primary();
    const rest = digit ? token.value.slice(1) : '';
    if (rest) this.tokens[this.at] = { ...token, value: rest };
    else this.advance();
    return literal(digit ? token.value[0] : token.value);
  }

  private primary(): Node {
    if (++this.depth > MAX_DEPTH) throw new MathsError('it is nested too deeply');
    const token = this.peek();
    if (!token) throw new MathsError('it ends too early');
    this.advance();
    const node = this.primaryOf(token);
    this.depth--;
    return node;
  }

  private primaryOf(token: Token): Node {
    switch (token.kind) {
      case 'number':
        return this.numeral(token.value);
      case 'name':
        return this.variable(token.value);
      case 'command':
        return this.command(token.value);
      case 'text':
        return { type: 'symbol', name: token.value };
      case 'begin':
        return this.matrix(token.value);
      case 'operator':
        return this.bracket(token.value);
      case 'end':
        throw new MathsError(`\\end{${token.value}} has no beginning`);
    }
  }

  private bracket(open: string): Node {
    if (open === '|') {
      this.bars++;
      const inside = this.sum();
      this.expect('|');
      this.bars--;
      return call('abs', inside);
    }
    const bars = this.bars;
    this.bars = 0;
    const items = ['(', '[', '{', '\\{', '⟨', '⌊', '⌈'].includes(open) ? this.groups().flat() : null;
    this.bars = bars;
    if (!items) throw new MathsError(`"${open}" is out of place`);
    switch (open) {
      case '(':
      case '[': {
        const close = this.take(')') ? ')' : ']';
        if (close === ']') this.expect(']');
        if (items.length > 1) return { type: 'tuple', items, open, close };
        if (items.length === 1 && (open === '(') === (close === ')')) return items[0];
        throw new MathsError('a bracket holds nothing that can be read');
      }
      case '{':
        this.expect('}');
        if (items.length === 0) throw new MathsError('braces are empty');
        return items.length === 1 ? items[0] : { type: 'set', items };
      case '\\{':
        this.expect('\\}');
        return { type: 'set', items };
      case '⟨':
        this.expect('⟩');
        return call('vector', ...items);
    }
    this.expect(open === '⌊' ? '⌋' : '⌉');
    if (items.length !== 1) throw new MathsError('a rounding bracket holds more than one number');
    return call(open === '⌊' ? 'floor' : 'ceiling', items[0]);
  }

  /** A number; with a fraction behind it a mixed number; with an index a number in that base, which is a name. */
  private numeral(text: string): Node {
    const whole = literal(text);
    if (this.take('_')) return { type: 'symbol', name: `${text}_${this.raw()}` };
    if (!/^\d+$/.test(text)) return whole;
    const next = this.peek();
    if (next?.kind === 'command' && next.value === 'frac') {
      const start = this.at;
      this.advance();
      const fraction = this.fraction();
      const [over, under] = fraction.type === 'divide' ? [fraction.over, fraction.under] : [];
      if (over?.type === 'number' && under?.type === 'number') return mixed(whole, over, under);
      // `2\frac{x}{3}` is a product.
      this.at = start;
    } else if (next?.kind === 'number' && this.operator(1) === '/' && this.peek(2)?.kind === 'number') {
      const under = this.peek(2)!.value;
      this.at += 3;
      return mixed(whole, number(parseDecimal(next.value)), number(parseDecimal(under)));
    }
    return whole;
  }

  private variable(name: string): Node {
    if (name === 'e' || name === 'i' || name === 'pi') return { type: 'constant', name };
    const isFunction = /^[fghFGH]'*$/.test(name);
    if (this.take('_')) name += `_${this.raw()}`;
    if (!isFunction || this.operator() !== '(') return { type: 'symbol', name };
    this.advance();
    const args = this.groups().flat();
    this.expect(')');
    return call(`${name}()`, ...args);
  }

  /** The tokens of an index, as they stand. */
  private raw(): string {
    if (!this.take('{')) {
      const token = this.peek();
      if (!token) throw new MathsError('it ends too early');
      this.advance();
      return token.value;
    }
    let text = '';
    for (let depth = 1; ; this.advance()) {
      if (this.done()) throw new MathsError('a "}" is missing');
      if (this.operator() === '{') depth++;
      if (this.operator() === '}' && --depth === 0) break;
      text += this.peek()!.value;
    }
    this.advance();
    return text;
  }

  private command(name: string): Node {
    if (NAMED_FUNCTIONS.has(name)) return this.named(name);
    if (LIST_FUNCTIONS.has(name)) {
      this.expect('(');
      const args = this.groups().flat();
      this.expect(')');
      return call(name, ...args);
    }
    switch (name) {
      case 'pi':
        return { type: 'constant', name };
      case 'infty':
        return INFINITY;
      case 'reals':
        return REALS;
      case 'emptyset':
      case 'varnothing':
        return { type: 'set', items: [] };
      case 'frac':
        return this.fraction();
      case 'binom':
      case 'dbinom':
      case 'tbinom':
        return call('binomial', this.argument(true), this.argument());
      case 'sqrt':
        return this.root();
      case 'lg':
        return call('log', integer(10), this.operand());
      case 'log': {
        const base = this.take('_') ? this.argument(true) : integer(10);
        return call('log', base, this.operand());
      }
      case 'sum':
      case 'prod':
        return this.series(name);
    }
    throw new MathsError(`\\${name} is not known`);
  }

  private fraction(): Node {
    return quotient(this.argument(true), this.argument());
  }

  private root(): Node {
    let index: Node = integer(2);
    if (this.take('[')) {
      index = this.sum();
      this.expect(']');
    }
    const radicand = this.argument(true);
    return { type: 'power', base: radicand, exponent: quotient(ONE_NODE, index) };
  }

  private named(name: string): Node {
    let exponent: Node | undefined;
    if (this.take('^')) exponent = this.argument();
    const inverse = exponent?.type === 'number' && exponent.value.n === -1n && exponent.value.d === 1n;
    if (inverse && ['sin', 'cos', 'tan'].includes(name)) return call(`arc${name}`, this.operand());
    const value = call(name, this.operand());
    return exponent ? { type: 'power', base: value, exponent } : value;
  }

  /** What a function without parentheses applies to: the factors up to the next operator or function. */
  private operand(): Node {
    if (this.operator() === '(' || this.operator() === '{') return this.primary();
    if (this.take('-')) return negated(this.operand());
    const factors: Node[] = [];
    const isFunction = () =>
      this.peek()?.kind === 'command' &&
      (NAMED_FUNCTIONS.has(this.peek()!.value) || this.peek()!.value === 'log');
    do factors.push(this.power());
    while (this.startsFactor() && !isFunction());
    const product: Node = factors.length === 1 ? factors[0] : { type: 'multiply', factors };
    if (this.operator() === '/') throw new MathsError('a function of a quotient needs parentheses');
    return product;
  }

  /** `\sum_{k=0}^{n} …`, known by its parts only. */
  private series(name: string): Node {
    this.expect('_');
    const lower = this.raw();
    this.expect('^');
    const upper = this.argument();
    return call(name, { type: 'symbol', name: lower }, upper, this.product());
  }

  private matrix(environment: string): Node {
    if (!MATRICES.has(environment)) throw new MathsError(`the environment ${environment} is not known`);
    const rows: Node[][] = [[]];
    for (;;) {
      if (this.peek()?.kind === 'end') break;
      rows.at(-1)!.push(this.sum());
      if (this.take('&')) continue;
      if (this.take('\\\\')) rows.push([]);
      else if (this.peek()?.kind !== 'end') throw new MathsError('a matrix is not closed');
    }
    this.advance();
    if (rows.at(-1)!.length === 0) rows.pop();
    if (rows.length === 0 || rows.some((row) => row.length !== rows[0].length))
      throw new MathsError('the rows of a matrix differ in length');
    return { type: 'matrix', rows };
  }
}
