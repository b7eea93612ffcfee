import katex from 'katex';
import { describe, expect, test } from 'vitest';
import { Random } from '../../random';
import { mannerOf, mathsParts, MAX_FORMULA, MAX_FORMULAS } from './parts';
import { katexSettings, source } from './settings';

const found = (text: string) => mathsParts(text).map((part) => part.tex);
const html = (text: string) =>
  mathsParts(text)
    .map((part) => katex.renderToString(source(part), katexSettings(part)))
    .join('');

describe('formulas in a text', () => {
  test.each<[string, string[]]>([
    ['Find $x^2$ and $$\\frac{1}{2}$$.', ['x^2', '\\frac{1}{2}']],
    ['Let \\(a_1 = 2\\), then \\[ a_n = 2^n \\]', ['a_1 = 2', 'a_n = 2^n']],
    ['A: 9 - 8 = 1 \\boxed{ 9 - 8 }', ['9 - 8']],
    ['so \\boxed{\\frac{1}{2}} or \\boxed {\\{1\\}}', ['\\frac{1}{2}', '\\{1\\}']],
    ['$\\boxed{5}$', ['\\boxed{5}']],
    ['It costs $5 and $6, or $7-$8, not \\$9.', []],
    ['\\$x$ is money, $y\\$ $ too', []],
    ['open $x, open \\boxed{ 1, open \\[ y', []],
    ['a line\\\\(not maths\\\\)', []],
    ['$x\n\ny$', []],
    ['$$$$ \\boxed{} $ $', []],
  ])('%s', (text, tex) => expect(found(text)).toEqual(tex));

  test('a formula is known by its place, its kind and what it needs', () => {
    const text = 'x \\[y\\] \\boxed{ 9 - 8 }';
    const [display, box] = mathsParts(text);
    expect(text.slice(display.start, display.end)).toBe('\\[y\\]');
    expect([display.display, display.boxed, box.display, box.boxed]).toEqual([true, false, false, true]);
    const manners = [
      '9 - 8',
      '\\frac12',
      'x^2',
      '50\\%',
      '\\left(1\\right)',
      '\\let\\a b',
      '&'.repeat(101),
    ].map(mannerOf);
    expect(manners).toEqual(['plain', 'set', 'set', 'set', 'set', 'written', 'written']);
  });

  test('in random texts they are in order, apart from each other and bounded (seed 8)', () => {
    const random = new Random(8);
    const pieces = ['$', '$$', '\\(', '\\)', '\\[', '\\]', '\\boxed{', '{', '}', '\\', 'x', ' ', '1', '\n'];
    for (let i = 0; i < 5000; i++) {
      const text = Array.from({ length: random.int(40) }, () => random.choice(pieces)).join('');
      let last = 0;
      for (const { start, end, tex } of mathsParts(text)) {
        expect(start).toBeGreaterThanOrEqual(last);
        expect(end).toBeGreaterThan(start);
        expect(text.slice(start, end)).toContain(tex);
        last = end;
      }
      expect(last).toBeLessThanOrEqual(text.length);
    }
  });
});

describe('hostile texts', () => {
  test.each<[string, string]>([
    ['dollars', '$'.repeat(100_000)],
    ['dollars apart', '$a '.repeat(33_000)],
    ['open brackets', '\\('.repeat(50_000)],
    ['open boxes', '\\boxed{'.repeat(14_000)],
    ['nested boxes', '\\boxed{'.repeat(7000) + '}'.repeat(7000)],
    ['backslashes', '\\'.repeat(100_000)],
    ['one long formula', `$${'x+'.repeat(50_000)}x$`],
    ['many formulas', '$x$ '.repeat(25_000)],
  ])('%s: 100 kB take no time', (_, text) => {
    const begin = performance.now();
    const parts = mathsParts(text);
    expect(performance.now() - begin).toBeLessThan(500);
    expect(parts.reduce((sum, { tex }) => sum + tex.length, 0)).toBeLessThanOrEqual(MAX_FORMULAS);
    for (const { tex } of parts) expect(tex.length).toBeLessThanOrEqual(MAX_FORMULA);
  });

  test.each([
    ['a link', '$\\href{javascript:alert(1)}{x}$'],
    ['an address', '$\\url{https://example.org}$'],
    ['an image', '$\\includegraphics[height=9em]{https://example.org/x.png}$'],
    ['a style', '$\\htmlStyle{position:fixed}{x}$'],
    ['a class, an id, data', '$\\htmlClass{a}{x}\\htmlId{root}{x}\\htmlData{a=b}{x}$'],
    ['markup', '$\\text{<img src=x onerror=alert(1)>}^2$'],
  ])('%s does not reach the page', (_, text) => {
    const tags = html(text).match(/<[^>]*>/g) ?? [];
    expect(tags.join('')).toContain('katex');
    expect(tags.join('')).not.toMatch(/<a\b|<img|src=|href=|javascript:|position:|\bid=|data-/);
  });

  test.each([
    '\\def\\a{\\a\\a}\\a',
    '\\gdef\\a{1}\\a',
    '\\newcommand{\\a}[1]{\\a{#1#1}}\\a{x}',
    '\\edef\\b{\\expandafter\\a\\expandafter{\\b}}',
    '\\let\\frac\\sqrt',
  ])('definitions stay as they are written: %s', (tex) => expect(mannerOf(tex)).toBe('written'));

  test.each([
    ['deep braces', `$${'{'.repeat(490)}x^2${'}'.repeat(490)}$`],
    ['deep fractions', `$${'\\frac{1}{'.repeat(95)}x${'}'.repeat(95)}$`],
    ['deep choices', `$${'\\mathchoice{1}{1}{1}{'.repeat(40)}x${'}'.repeat(40)}$`],
    ['deep moduli', `$${'\\pmod{'.repeat(120)}x${'}'.repeat(120)}$`],
    ['deep scripts', `$x${'^{x'.repeat(240)}${'}'.repeat(240)}$`],
    ['a wide table', `$\\begin{matrix}${'&'.repeat(100)}\\end{matrix}$`],
  ])('%s is set or refused in no time', (_, text) => {
    const begin = performance.now();
    expect(html(text)).toContain('katex');
    expect(performance.now() - begin).toBeLessThan(1500);
  });

  test('sizes are bounded', () => {
    const heights = [...html('$\\rule{1000em}{1000em}^2$').matchAll(/(?:height|width):\s*(-?[\d.]+)em/g)];
    expect(heights.length).toBeGreaterThan(0);
    for (const [, size] of heights) expect(Math.abs(Number(size))).toBeLessThan(10);
  });
});
