import { describe, expect, it } from 'vitest';
import { expandWgsl, f32Literal } from './wgsl';

const lines = (...text: string[]) => text.join('\n');

describe('#for', () => {
  it('repeats its lines with the number in place of the name', () => {
    expect(expandWgsl(lines('#for i in 3', 'let a$i = x[$iu];', '#end'), {})).toBe(
      lines('let a0 = x[0u];', 'let a1 = x[1u];', 'let a2 = x[2u];'),
    );
  });

  it('gives the whole quarter of the number, and what is left of it', () => {
    const body = expandWgsl(lines('#for j in 6', 'w$j/4[$j%4] = $ju;', '#end'), {}).split('\n');
    expect(body.slice(3)).toEqual(['w0[3] = 3u;', 'w1[0] = 4u;', 'w1[1] = 5u;']);
  });

  it('nests, takes its count from a constant, and may repeat nothing', () => {
    const source = lines('#for i in ROWS', '#for j in COLUMNS', 'c$i_$j', '#end', '#end', 'after');
    const body = (ROWS: number, COLUMNS: number) =>
      expandWgsl(source, { ROWS, COLUMNS }).split('\n').slice(2);
    expect(body(2, 2)).toEqual(['c0_0', 'c0_1', 'c1_0', 'c1_1', 'after']);
    expect(body(0, 2)).toEqual(['after']);
  });
});

describe('#if', () => {
  const source = lines('#if ON', 'yes', '#else', 'no', '#end', '#if !ON', 'off', '#end', 'always');

  it.each([
    { ON: true, kept: ['yes', 'always'] },
    { ON: false, kept: ['no', 'off', 'always'] },
  ])('keeps the branch of the constant: $ON', ({ ON, kept }) => {
    expect(expandWgsl(source, { ON }).split('\n')).toEqual(kept);
  });

  it('takes zero for false', () => {
    expect(expandWgsl(source, { ON: 0 }).split('\n').slice(1)).toEqual(['no', 'off', 'always']);
    expect(expandWgsl(source, { ON: 4 }).split('\n').slice(1)).toEqual(['yes', 'always']);
  });

  it('leaves out everything inside a branch that is not taken, branches and loops too', () => {
    const nested = lines(
      ...['#if A', '#if B', 'ab', '#else', 'a', '#end', '#for i in 2', 'loop$i', '#end'],
      ...['#else', '#if B', 'b', '#else', 'neither', '#end', '#end'],
    );
    const body = (A: boolean, B: boolean) => expandWgsl(nested, { A, B }).split('\n');
    expect(body(true, true)).toEqual(['ab', 'loop0', 'loop1']);
    expect(body(true, false)).toEqual(['a', 'loop0', 'loop1']);
    expect(body(false, true)).toEqual(['b']);
    expect(body(false, false)).toEqual(['neither']);
  });

  it('works inside #for', () => {
    expect(expandWgsl(lines('#for i in 2', '#if ON', 'x$i', '#end', '#end'), { ON: true })).toBe('x0\nx1');
  });
});

it('declares the constants above the file and below its directives', () => {
  const source = lines('enable f16;', 'diagnostic(off, subgroup_uniformity);', '', 'fn f() {}');
  expect(expandWgsl(source, { D: 64, EPS: f32Literal(1e-6), ADD: true })).toBe(
    lines(
      'enable f16;',
      'diagnostic(off, subgroup_uniformity);',
      'const D = 64u;',
      'const EPS = 9.999999974752427e-7f;',
      '',
      'fn f() {}',
    ),
  );
});

it('writes numbers as f32 literals that read back to the same value', () => {
  for (const x of [0, 1, -2.5, 0.1, 1e-6, 3e38, 1 / Math.sqrt(12)]) {
    const literal = f32Literal(x);
    expect(literal).toMatch(/^-?\d+(\.\d+)?(e[+-]?\d+)?f$/);
    expect(Number(literal.slice(0, -1))).toBe(Math.fround(x));
  }
  expect(f32Literal(64)).toBe('64.0f');
});

describe('refuses', () => {
  it.each([
    ['an unknown constant of #if', lines('#if MISSING', '#end'), /constant MISSING is not set/],
    ['an unknown constant of #for', lines('#for i in MISSING', '#end'), /constant MISSING is not set/],
    ['an #if without #end', lines('#if ON', 'x'), /#if without #end/],
    ['an #else without #end', lines('#if ON', 'x', '#else', 'y'), /#if without #end/],
    ['a second #else', lines('#if ON', '#else', '#else', '#end'), /#if without #end/],
    ['a #for without #end', lines('#for i in 2', 'x'), /#for without #end/],
    ['an #else inside #for', lines('#for i in 2', '#else', '#end'), /#for without #end/],
    ['an #end too many', lines('x', '#end'), /#end without its opening/],
    ['an #else without #if', lines('#else', '#end'), /#else without its opening/],
  ])('%s', (_, source, message) => {
    expect(() => expandWgsl(source, { ON: true })).toThrow(message);
  });
});
