import { describe, expect, test } from 'vitest';
import { compareAnswers, equivalent } from '.';

describe('equal', () => {
  test.each([
    ['0.5', '\\frac12'],
    ['1\\frac{1}{2}', '3/2'],
    ['2 1/2', '2.5'],
    ['1,234,567', '1234567'],
    ['12{,}000', '12000'],
    ['25\\%', '0.25'],
    ['25', '25\\%'],
    ['1.5e3', '1500'],
    ['0.\\overline{3}', '\\frac{1}{3}'],
    ['0.1\\overline{6}', '1/6'],
    ['3.141593', '\\pi'],
    ['2 \\text{ million}', '2000000'],
    ['\\sin 30^\\circ', '0.5'],
    ['\\sqrt[3]{16}', '2\\sqrt[3]{2}'],
    ['\\sqrt{2+\\sqrt{3}}', '\\frac{\\sqrt{6}+\\sqrt{2}}{2}'],
    ['\\log_4 8', '1.5'],
    ['\\arcsin 1', '\\frac{\\pi}{2}'],
    ['\\lfloor -2.5 \\rfloor', '-3'],
    ['\\gcd(12, 18)', '6'],
    ['\\frac{10!}{3!7!}', '\\binom{10}{3}'],
    ['5--3', '8'],
    ['\\mathbf{4}', '\\approx 4'],
    ['(1+i)^2', '2i'],
    ['\\frac{1}{1-i}', '\\frac{1+i}{2}'],
    ['x^{2/3}', '\\sqrt[3]{x}^2'],
    ['\\frac{1}{x}-\\frac{1}{x+1}', '\\frac{1}{x(x+1)}'],
    ['\\cos 2x', '2\\cos^2 x-1'],
    ['e^{x+y}', 'e^x e^y'],
    ['x = 2 \\text{ or } x = -2', '\\pm 2'],
    ['(a,b]', '( a , b ]'],
    ['\\text{Yes}', 'yes'],
    ['π/2', '\\frac{\\pi}{2}'],
    ['x ≤ 5', 'x \\leq 5'],
    ['\\\\frac{1}{2}', '\\frac{1}{2}'],
    ['\\int_0^1 x\\,dx', '\\int_0^1 x dx'],
  ])('%s and %s', (a, b) => {
    expect(compareAnswers(a, b)).toMatchObject({ equal: true });
    expect(compareAnswers(b, a)).toMatchObject({ equal: true });
  });
});

describe('not equal', () => {
  test.each([
    ['0.33', '1/3'],
    ['0.333332', '1/3'],
    ['0.000000', '10^{-9}'],
    ['1 2', '12'],
    ['5\\text{ cm}', '5\\text{ km}'],
    ['2 \\text{ million}', '2'],
    ['2x', '2'],
    ['\\text{seat}', '\\text{east}'],
    ['\\text{x > 5}', '\\text{x < 5}'],
    ['f(a+b)', 'f(a)+f(b)'],
    ['\\sqrt{x^2}', 'x'],
    ['\\ln x^2', '2\\ln x'],
    ['101_2', '101_3'],
    ['(1,2)', '[1,2]'],
    ['(1,2)', '(2,1)'],
    ['\\{1,2\\}', '\\{1,2,3\\}'],
    ['x=3', 'y=3'],
    ['x>3', 'x\\ge 3'],
    ['\\infty', '-\\infty'],
    ['\\frac{1}{0}', '\\frac{2}{0}'],
    ['e^{\\pi\\sqrt{163}}', '262537412640768744'],
    ['\\ln(10^{30}+1)', '30\\ln 10'],
    ['\\cos(10^{-12})', '1'],
    ['\\sin x', '\\sin(x+10^{-30})'],
    ['e^{-1000}', '0'],
    ['(x+y)^{40}', '(x+y)^{40}+10^{-40}'],
    ['\\frac{1}{200!}', '\\frac{1}{201!}'],
    ['', ''],
    ['3', ''],
  ])('%s and %s', (a, b) => {
    expect(compareAnswers(a, b)).toMatchObject({ equal: false });
    expect(compareAnswers(b, a)).toMatchObject({ equal: false });
  });
});

test.each([
  ['a predicted interval solves a gold inequality', 'x > 5', '(5,\\infty)', true],
  ['of an absolute value too', '1 \\le |z| \\le 3', '[-3,-1]\\cup[1,3]', true],
  ['a predicted inequality only repeats the question', '(5,\\infty)', 'x > 5', false],
  ['so does an equation', 'x = 2', '2x = 4', false],
  ['a predicted chain ends in its answer', '11', 'x = 5 + 6 = 11', true],
  ['a gold equation is more than its right side', 'x + y = 11', '11', false],
])('%s: %s, %s', (_what, gold, pred, equal) => {
  expect(equivalent(gold, pred)).toBe(equal);
});

test('what cannot be read is equal to its own text only, and the reason says why', () => {
  expect(equivalent('\\foo{1}', '\\foo {1}')).toBe(true);
  const { equal, reason } = compareAnswers('\\frac{1}{2}', '\\foo{1}');
  expect(equal).toBe(false);
  expect(reason).toBe('The answer cannot be read: \\foo is not known');
  expect(compareAnswers('3', '4').reason).toBe('4 is not 3');
});
