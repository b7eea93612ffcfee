import { expect, it } from 'vitest';
import { arithmetic } from './arithmetic';
import { arrows } from './arrows';
import { demonstrationParts } from './calls';
import { countdown } from './countdown';

it('Countdown asks for a trial as a whole, as it would box it', () => {
  const text =
    '4 * 2 = 8 , 13 - 8 = 5 check 6 no wait 9 - 4 = 5 , 5 + 2 = 7 check 6 no \\boxed{ ( 9 - 4 ) + 2 }';
  expect(demonstrationParts(countdown, text)).toEqual([
    { call: '13 - ( 4 * 2 )' },
    'check 6 no wait',
    { call: '( 9 - 4 ) + 2' },
    'check 6 no \\boxed{ ( 9 - 4 ) + 2 }',
  ]);
});

it('arrows let the comparison be made', () => {
  const text = '12 , 40 -> 12 -> 5 check 12 no wait 5 , 40 -> 12 -> 5 check 5 yes \\boxed{ 5 }';
  expect(demonstrationParts(arrows, text)).toEqual([
    '12 , 40 -> 12 -> 5',
    { call: '12 = 5' },
    'wait 5 , 40 -> 12 -> 5',
    { call: '5 = 5' },
    '\\boxed{ 5 }',
  ]);
});

it('any other task asks for each of its equations', () => {
  expect(demonstrationParts(arithmetic, '47 + 30 = 77 , 77 + 6 = 83 \\boxed{ 83 }')).toEqual([
    { call: '47 + 30' },
    ',',
    { call: '77 + 6' },
    '\\boxed{ 83 }',
  ]);
});
