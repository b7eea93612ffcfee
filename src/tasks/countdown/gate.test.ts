import { expect, test } from 'vitest';
import { countPredictions, countSamples, countYes, gateDocuments, gateVerdict, responseStyle } from './gate';
import { countdownProblem, split } from './problems';
import { tokenIds, tokenText } from './vocabulary';

const documents = gateDocuments();
/** Predicts each next token, except that `miss` is never predicted. */
const oracle = (miss?: string) =>
  documents.map(({ ids }) => ids.slice(1).map((id) => (miss && id === tokenIds(miss)[0] ? -1 : id)));
const count = (response: string, word: string) => response.split(' ').filter((w) => w === word).length;

test('400 reflective documents on validation problems, the same every time', () => {
  expect(documents).toHaveLength(400);
  expect(gateDocuments()).toEqual(documents);
  const prompts = new Set(split('validation').map((p) => p.prompt));
  expect(documents.every(({ ids }) => prompts.has(tokenText(ids.slice(1, 7))))).toBe(true);
});

test('each kind is judged where it stands', () => {
  for (const { ids, judged } of documents) {
    const words = tokenText(ids).split(' ');
    const at = (kind: string) => judged.filter((j) => j.kind === kind).map((j) => words[j.index]);
    const trials = count(words.join(' '), 'check');
    expect(at('yes')).toEqual(words.filter((w) => w === 'yes'));
    expect(at('no')).toEqual(words.filter((w) => w === 'no'));
    expect([at('res1').length, at('res2').length]).toEqual([trials, trials]);
    expect(at('box')).toEqual(words.slice(words.indexOf('\\boxed{') + 1));
    expect(judged.filter((j) => j.kind === 'res2').every((j) => words[j.index + 1] === 'check')).toBe(true);
  }
});

test('predictions are counted by kind', () => {
  const counts = countPredictions(documents, oracle('no'));
  expect(counts.no.right).toBe(0);
  expect(counts.no.total).toBeGreaterThan(400);
  expect(counts.yes.right).toBe(counts.yes.total);
  expect(counts.box.right).toBe(counts.box.total);
});

const problem = countdownProblem([9, 8, 2], 15);
const right = '9 + 8 = 17 , 17 - 2 = 15 check 15 yes \\boxed{ ( 9 + 8 ) - 2 }';
const wrong = '9 + 8 = 17 , 17 + 2 = 19 check 15 yes \\boxed{ ( 9 + 8 ) + 2 }';

test('the style of a response', () => {
  expect(responseStyle(right)).toBe('R');
  expect(responseStyle('wait')).toBe('R');
  expect(responseStyle('\\boxed{ ( 9 + 8 ) - 2 }')).toBe('D');
  expect(responseStyle('9 + 8 = 17 , 17 - 2 = 15 \\boxed{ ( 9 + 8 ) - 2 }')).toBe('S');
  expect(responseStyle('')).toBe('S');
});

test('a yes after a wrong value is false', () => {
  expect(countYes(problem, right)).toEqual({ right: 1, total: 1 });
  expect(countYes(problem, wrong)).toEqual({ right: 0, total: 1 });
  expect(countYes(problem, 'yes yes')).toEqual({ right: 0, total: 0 });
});

test('samples are counted by style; an unfinished one is wrong', () => {
  const sample = (response: string, finished = true) => ({ problem, response, finished });
  const direct = '\\boxed{ ( 9 + 8 ) - 2 }';
  const counts = countSamples([sample(right), sample(wrong), sample(right, false), sample(direct)]);
  expect(counts.styles).toEqual({
    R: { right: 1, total: 3 },
    D: { right: 1, total: 1 },
    S: { right: 0, total: 0 },
  });
  expect(counts.yes).toEqual({ right: 2, total: 3 });
});

test('the verdict asks for all four conditions', () => {
  const styles = (r: number, d: number) => ({
    R: { right: r, total: 100 },
    D: { right: d, total: 100 },
    S: { right: 12, total: 100 },
  });
  const perfect = countPredictions(documents, oracle());
  expect(gateVerdict(perfect, styles(48, 12)).passed).toBe(true);
  expect(gateVerdict(perfect, styles(30, 12)).passed).toBe(false);
  expect(gateVerdict(perfect, styles(0, 0)).passed).toBe(false);
  const failed = gateVerdict(countPredictions(documents, oracle('yes')), styles(48, 12));
  expect(failed.checks.filter((c) => !c.passed).map((c) => c.name)).toEqual(['teacher-forced yes']);
});
