import { expect, test } from 'vitest';
import { parseSteps } from './metrics';

test('steps are read in order, each once; other lines and texts are left out', () => {
  const lines = [
    '{"experiment":{"name":"x"}}',
    '{"step":2,"reward":0.5,"note":"hello"}',
    '',
    '{"step":0}',
    '{"step":2,"reward":0.75}\r',
    '[1]',
    'null',
    '{"step":"3"}',
    '{"summary":{"steps":2}}',
  ];
  expect(parseSteps(lines.join('\n'), 'run.jsonl')).toEqual([{ step: 0 }, { step: 2, reward: 0.75 }]);
});

test('numbers that are none come back as such, printed or stored', () => {
  const [{ grad_norm, kl, loss }] = parseSteps(
    '{"step":1,"grad_norm":null,"kl":"NaN","loss":"-Infinity"}',
    'f',
  );
  expect([grad_norm, kl, loss]).toEqual([NaN, NaN, -Infinity]);
});

test.each([
  ['{"step":0}\n{"step":', 'run.jsonl, line 2: not JSON'],
  ['', 'run.jsonl holds no steps'],
  ['{"summary":{}}\n', 'run.jsonl holds no steps'],
])('%j: the message names the file', (text, message) => {
  expect(() => parseSteps(text, 'run.jsonl')).toThrow(message);
});
