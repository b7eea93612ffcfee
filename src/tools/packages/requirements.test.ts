import { expect, it } from 'vitest';
import { faultAmong, needsOf, parseRequirement, satisfies } from './requirements';

it.each([
  ['mpmath<1.4,>=1.1.0', { package: 'mpmath', versions: '<1.4,>=1.1.0' }],
  ['mpmath (>=1.1.0, <1.4)', { package: 'mpmath', versions: '>=1.1.0,<1.4' }],
  ['attrs', { package: 'attrs', versions: '' }],
  ['requests[socks]>=2', { package: 'requests', versions: '>=2' }],
  ['pytest; extra == "dev"', undefined],
  ['pip @ https://example.org/pip.whl', undefined],
  ['<script>', undefined],
])('reads %j', (line, requirement) => {
  expect(parseRequirement(line)).toEqual(requirement);
});

it.each([
  ['1.3.0', '<1.4,>=1.1.0', true],
  ['1.4.1', '<1.4,>=1.1.0', false],
  ['1.10', '>=1.9', true],
  ['1.0', '==1', true],
  ['1.2.3', '==1.2.*', true],
  ['3.14', '!=3.14.*', false],
  ['2.2', '~=2.1', true],
  ['3.0', '~=2.1', false],
  ['2.2', '', true],
  ['1.0rc1', '>=1', undefined],
  ['1.0', '>=1.0rc1', undefined],
  ['1.0', '>=1.0rc1,<1', false],
])('%s satisfies %j: %s', (version, versions, verdict) => {
  expect(satisfies(version, versions)).toBe(verdict);
});

const requires = [{ package: 'mp_math', versions: '<1.4' }];
const sympy = { package: 'sympy', version: '1.14.0', requires };
const mpmath = (version: string) => ({ package: 'MP.math', version, requires: [] });

it('names what is missing, of a version that does not fit, or there twice', () => {
  expect(faultAmong([sympy, mpmath('1.3.0')])).toBeUndefined();
  expect(faultAmong([sympy])).toBe(
    'sympy 1.14.0 needs mp_math <1.4, which is not among the packages: add a wheel of it.',
  );
  expect(needsOf(sympy, [mpmath('1.4.1')])).toEqual([
    'sympy 1.14.0 needs mp_math <1.4, and 1.4.1 is among the packages: take a wheel of another version.',
  ]);
  expect(faultAmong([mpmath('1.3.0'), mpmath('1.4.1')])).toContain('two wheels of the package MP.math');
});
