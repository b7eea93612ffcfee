import { MathsError } from './errors';
import {
  BARE_UNITS,
  CHARACTERS,
  COMMAND_CHARACTERS,
  DECORATIONS,
  GREEK,
  IGNORED_COMMANDS,
  OPERATOR_COMMANDS,
  SUPERSCRIPTS,
  TEXT_COMMANDS,
  unitName,
  WORDS,
} from './vocabulary';

export interface Token {
  /** `name`: a variable, one letter or a Greek one. `text`: words. `begin`, `end`: an environment. */
  readonly kind: 'number' | 'name' | 'command' | 'text' | 'operator' | 'begin' | 'end';
  readonly value: string;
  /** White space stands before it. */
  readonly spaced: boolean;
}

/** Longer answers are compared as text. */
export const MAX_ANSWER_CHARACTERS = 2000;

const OPERATORS = ['**', '<=', '>=', '!=', '==', ...'+-*/^_!|,;:=<>()[]{}%&'];
const SPELLINGS: Record<string, string> = { '**': '^', '<=': '≤', '>=': '≥', '!=': '≠', '==': '=' };

const NUMERAL = /^-?[\d.]+$/;
// Sticky, so that each match costs no more than its own length.
const LETTERS = /[A-Za-z]+/y;
const COMMA_RUN = /\d[\d,]*/y;
const GROUPED_BY_COMMAS = /^[1-9]\d{0,2}(?:,\d{3})+$/;
const GROUPED = /\d{1,3}(?:(?:\s*\{\s*,\s*\}|,\\!\s*|\\,|\\ )\d{3})+(?!\d)/y;
const DIGITS = /\d+/y;
const DECIMALS = /\.\d+/y;
const REPEATING = /(\d*)\.(\d*)\\(?:overline|bar|dot)\s?\{(\d+)\}/y;
const EXPONENT = /[eE][+-]?\d{1,4}(?![\d.A-Za-z])/y;

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

class Lexer {
  readonly tokens: Token[] = [];
  private at = 0;
  private spaced = false;
  private depth = 0;
  private readonly hasEnvironment: boolean;

  constructor(private readonly text: string) {
    this.hasEnvironment = text.includes('\\begin');
  }

  run(): Token[] {
    while (this.at < this.text.length) this.next();
    return this.tokens;
  }

  private push(kind: Token['kind'], value: string): void {
    if (kind === 'operator') {
      if (['(', '[', '\\{'].includes(value)) this.depth++;
      if ([')', ']', '\\}'].includes(value)) this.depth--;
    }
    this.tokens.push({ kind, value, spaced: this.spaced });
    this.spaced = false;
  }

  private next(): void {
    const { text } = this;
    const c = text[this.at];
    if (/\s/.test(c) || '~$€£¥₹"`'.includes(c)) {
      this.at++;
      this.spaced = true;
    } else if (/\d/.test(c) || (c === '.' && /\d/.test(text[this.at + 1] ?? ''))) this.number();
    else if (c === '\\') this.backslash();
    else if (/[A-Za-z]/.test(c)) this.letters();
    else this.character(c);
  }

  private number(): void {
    const { text, at } = this;
    const repeating = match(REPEATING, text, at);
    if (repeating) {
      this.at += repeating[0].length;
      return this.push('number', `${repeating[1] || '0'}.${repeating[2]}(${repeating[3]})`);
    }
    const run = match(COMMA_RUN, text, at)?.[0] ?? '';
    const byCommas =
      this.depth === 0 && text[at - 1] !== ',' && GROUPED_BY_COMMAS.test(run) ? run : undefined;
    const whole = byCommas ?? match(GROUPED, text, at)?.[0] ?? match(DIGITS, text, at)?.[0] ?? '';
    this.at += whole.length;
    const decimals = match(DECIMALS, text, this.at)?.[0] ?? '';
    this.at += decimals.length;
    const exponent = match(EXPONENT, text, this.at)?.[0] ?? '';
    this.at += exponent.length;
    this.push('number', whole.replace(/\D/g, '') + decimals + exponent.toLowerCase());
  }

  private letters(): void {
    const word = match(LETTERS, this.text, this.at)?.[0] ?? '';
    this.at += word.length;
    const last = this.tokens.at(-1);
    const afterQuantity = last?.kind === 'number' || last?.value === '}' || last?.value === ')';
    if (afterQuantity && (word.length > 2 || BARE_UNITS.has(word)) && unitName(word))
      return this.push('text', word);
    const meaning = WORDS.get(word);
    if (meaning?.startsWith('\\')) this.push('command', meaning.slice(1));
    else if (meaning) this.push('operator', meaning);
    else for (const letter of word) this.push('name', letter);
  }

  private character(c: string): void {
    const operator = OPERATORS.find((o) => this.text.startsWith(o, this.at));
    const character = String.fromCodePoint(this.text.codePointAt(this.at)!);
    this.at += operator?.length ?? character.length;
    const command = COMMAND_CHARACTERS.get(character);
    if (operator) this.push('operator', SPELLINGS[operator] ?? operator);
    else if (CHARACTERS.has(character)) this.push('operator', CHARACTERS.get(character)!);
    else if (command) this.command(command);
    else if (SUPERSCRIPTS.includes(character)) {
      this.push('operator', '^');
      this.push('number', String(SUPERSCRIPTS.indexOf(character)));
    } else if (c === "'") this.push('name', "'");
    else throw new MathsError(`"${character}" has no meaning in an answer`);
  }

  private backslash(): void {
    let after = this.text[this.at + 1] ?? '';
    // `\\frac` is a command escaped twice; in a matrix `\\` ends a row.
    if (after === '\\' && !this.hasEnvironment && /[A-Za-z]/.test(this.text[this.at + 2] ?? '')) {
      this.at++;
      after = this.text[this.at + 1];
    }
    if (!/[A-Za-z]/.test(after)) {
      this.at += 2;
      if (after === '{' || after === '}' || after === '\\') this.push('operator', `\\${after}`);
      else if (after === '%') this.push('operator', '%');
      else this.spaced = true;
      return;
    }
    const name = match(LETTERS, this.text, this.at + 1)![0];
    this.at += name.length + 1;
    this.command(name);
  }

  private command(name: string): void {
    if (IGNORED_COMMANDS.has(name)) {
      this.spaced = true;
      if (/^m?(left|right)$/.test(name) && this.text[this.at] === '.') this.at++;
    } else if (OPERATOR_COMMANDS.has(name)) this.push('operator', OPERATOR_COMMANDS.get(name)!);
    else if (TEXT_COMMANDS.has(name)) this.words(name, this.braced(name));
    else if (name === 'mathbb' && /^\s*(\{R\}|R)/.test(this.text.slice(this.at, this.at + 9))) {
      this.braced(name);
      this.push('command', 'reals');
    } else if (DECORATIONS.has(name)) this.decorated(name, this.braced(name));
    else if (name === 'begin' || name === 'end') {
      const environment = this.braced(name);
      if (environment === 'array' && name === 'begin') this.braced(name);
      this.push(name, environment);
    } else if (GREEK.has(name)) this.push('name', name);
    else if (/^[dtc]frac$/.test(name)) this.push('command', 'frac');
    else if (name.startsWith('quad') || name.startsWith('qquad')) {
      // `\quadx`: a space that ran into a variable.
      this.at -= name.length - name.indexOf('quad') - 4;
      this.spaced = true;
    } else this.push('command', name);
  }

  private decorated(name: string, content: string): void {
    if (NUMERAL.test(content)) this.tokens.push(...new Lexer(content).run());
    else this.push('name', `${name}{${content}}`);
  }

  /** What `\text{…}` says: a separator, a unit, a number, the name of a function, or words. */
  private words(name: string, content: string): void {
    const word = content.trim();
    const meaning = WORDS.get(word) ?? (word === '\\%' ? '%' : undefined);
    if (word === '') this.spaced = true;
    else if (meaning?.startsWith('\\')) this.push('command', meaning.slice(1));
    else if (meaning) this.push('operator', meaning);
    else if (NUMERAL.test(word)) this.tokens.push(...new Lexer(word).run());
    else if (name === 'mathrm' && /^[eid]$/.test(word)) this.push('name', word);
    else this.push('text', word);
  }

  /** The content of the braces that follow, or the one character. */
  private braced(name: string): string {
    const { text } = this;
    while (/\s/.test(text[this.at] ?? '')) this.at++;
    if (text[this.at] !== '{') return text[this.at++] ?? '';
    const start = this.at + 1;
    for (let depth = 0; this.at < text.length; this.at++) {
      if (text[this.at] === '{') depth++;
      if (text[this.at] === '}' && --depth === 0) return text.slice(start, this.at++);
    }
    throw new MathsError(`the braces of \\${name} are not closed`);
  }
}

/** @throws MathsError when the text is too long or has a character without meaning */
export function tokenize(text: string): Token[] {
  if (text.length > MAX_ANSWER_CHARACTERS)
    throw new MathsError(`it has more than ${MAX_ANSWER_CHARACTERS} characters`);
  return new Lexer(text).run();
}
