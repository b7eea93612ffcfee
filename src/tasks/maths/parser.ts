import { MathsError } from './errors';
import { ExpressionParser } from './expression';
import { tokenize, type Token } from './lexer';
import type { Node, RelationOperator } from './tree';
import { WORDS } from './vocabulary';

const RELATIONS = new Set(['=', '<', '≤', '>', '≥', '≠', '∈', '≈']);

/**
 * Answers, on top of expressions:
 *
 *     answer    items (';' items)*          several groups of several items are a set of tuples
 *     items     relation (',' relation)*
 *     relation  union (('=' | '<' | '≤' | '>' | '≥' | '≠' | '∈' | '≈') union)*
 *     union     ratio (('∪' | '∩' | '∖') ratio)*
 *     ratio     sum (':' sum)*
 */
class AnswerParser extends ExpressionParser {
  answer(): Node {
    const groups = this.groups();
    if (!this.done()) throw new MathsError(`"${this.peek()!.value}" is out of place`);
    if (groups.length > 1 && groups.some((items) => items.length > 1)) {
      const items = groups.map((group): Node =>
        group.length === 1 ? group[0] : { type: 'tuple', items: group, open: '(', close: ')' },
      );
      return { type: 'set', items };
    }
    const items = groups.flat();
    if (items.length === 0) throw new MathsError('it is empty');
    return items.length === 1 ? items[0] : { type: 'set', items };
  }

  protected override groups(): Node[][] {
    const groups: Node[][] = [[]];
    const skip = (...operators: string[]) => operators.some((o) => this.take(o));
    while (!this.done() && !this.atClosing()) {
      groups.at(-1)!.push(this.relation());
      if (skip(';')) groups.push([]);
      else if (!skip(',')) break;
      while (skip(',', ';'));
    }
    return groups.filter((group) => group.length > 0);
  }

  private relation(): Node {
    const sides = [this.union()];
    const operators: RelationOperator[] = [];
    while (!this.done() && RELATIONS.has(this.operator())) {
      const operator = this.operator();
      this.advance();
      const side = this.union();
      // An approximation says less than what stands before it, unless that is only a name.
      if (operator === '≈' && !(sides.length === 1 && sides[0].type === 'symbol')) continue;
      sides.push(side);
      operators.push(operator === '∈' || operator === '≈' ? '=' : (operator as RelationOperator));
    }
    return operators.length === 0 ? sides[0] : { type: 'relation', sides, operators };
  }

  private union(): Node {
    let left = this.ratio();
    for (;;) {
      const operator = this.operator();
      if (operator !== '∪' && operator !== '∩' && operator !== '∖') return left;
      this.advance();
      left = { type: 'setOperation', operator, left, right: this.ratio() };
    }
  }

  private ratio(): Node {
    const parts = [this.sum()];
    while (this.take(':')) parts.push(this.sum());
    if (parts.length === 1) return parts[0];
    if (parts.length === 2) return { type: 'divide', over: parts[0], under: parts[1] };
    return { type: 'call', name: 'ratio', args: parts };
  }
}

/** Text in words: `Evelyn`, `\text{no solution}`; not `ab` or `x`, which are products and variables. */
function words(text: string, tokens: readonly Token[]): string | undefined {
  if (tokens.length === 0) return undefined;
  if (tokens.every((token) => token.kind === 'text')) return tokens.map((token) => token.value).join(' ');
  const plain = text.trim();
  const isPhrase = /^[A-Za-z][A-Za-z' -]*$/.test(plain) && /[A-Za-z]{4}/.test(plain) && !WORDS.has(plain);
  return isPhrase ? plain : undefined;
}

/**
 * Reads an answer: what stands in a box, in LaTeX or plain.
 * @throws MathsError saying what cannot be read
 */
export function parseAnswer(text: string): Node {
  const trimmed = text
    .trim()
    .replace(/^(?:[,;:=≈]|\\approx\b|\s)+/, '')
    .replace(/(?<![.,;:])[.,;:]+$/, '');
  const tokens = tokenize(trimmed);
  const phrase = words(trimmed, tokens);
  if (phrase !== undefined) return { type: 'text', text: phrase };
  const node = new AnswerParser(tokens).answer();
  if (node.type !== 'set' || !/^-?\d+,\d+$/.test(trimmed)) return node;
  return { ...node, decimal: new AnswerParser(tokenize(trimmed.replace(',', '.'))).answer() };
}
