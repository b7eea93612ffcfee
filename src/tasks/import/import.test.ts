import { describe, expect, test } from 'vitest';
import { Random } from '../../random';
import {
  exactCheck,
  filterByPassRate,
  formatOf,
  importedTask,
  ImportError,
  importProblems,
  MAX_IMPORT_BYTES,
  MAX_IMPORT_ROWS,
  normalizeQuestion,
  sha256OfProblems,
} from '.';

const jsonl = (...rows: unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n');
const kept = (text: string) => importProblems(text).problems.map(({ prompt, answer }) => [prompt, answer]);
const drops = (text: string) =>
  importProblems(text).dropped.map(({ line, reason, detail }) => [line, reason, detail]);

describe('rows', () => {
  test('columns go by several names', () => {
    const rows = [
      { question: 'What is 2 + 3?', answer: '5' },
      { Problem: 'What is 2 + 4?', solution: 'We add: $2 + 4 = 6$, so \\boxed{6}.' },
      { prompt: 'What is 2 + 5?', gold: 7 },
      { input: 'What is 2 + 6?', target: '2 and 6 make\n#### 8', source: 'ignored' },
    ];
    expect(kept(jsonl(...rows)).map(([, answer]) => answer)).toEqual(['5', '6', '7', '8']);
  });

  test('conversations: messages, or a list as prompt', () => {
    const user = (content: string) => ({ role: 'user', content });
    const messages = [user('What is 1 + 1?'), { role: 'assistant', content: 'It is \\boxed{2}' }];
    const text = jsonl(
      { messages: [{ role: 'system', content: 'Be brief.' }, ...messages] },
      { prompt: [user('What is 1 + 2?')], answer: '3' },
      { messages: [...messages, user('And twice that?')] },
    );
    expect(kept(text)).toEqual([
      ['What is 1 + 1?', '2'],
      ['What is 1 + 2?', '3'],
    ]);
    expect(drops(text)).toEqual([[3, 'multi-part', 'it has several parts or answers']]);
  });

  test('CSV with quotes, line ends of every kind and line numbers that count them', () => {
    const text = '\uFEFFquestion,answer\r\n"How much is ""two"",\r\nand two?",4\r\n\r\nx,1,2\r\nHow many?,3';
    expect(kept(text)).toEqual([
      ['How much is "two", and two?', '4'],
      ['How many?', '3'],
    ]);
    expect(drops(text)).toEqual([[5, 'malformed line', 'it has 3 cells, the first row 2']]);
    expect(importProblems(text).dropped[0].text).toBe('x,1,2');
  });

  test('a JSON array: its items are numbered', () => {
    const text = JSON.stringify(
      [{ question: 'What is 2 + 3?', answer: 5 }, 'odd', { question: '' }],
      null,
      2,
    );
    expect(kept(text)).toEqual([['What is 2 + 3?', '5']]);
    expect(drops(text).map(([line, reason]) => [line, reason])).toEqual([
      [2, 'malformed line'],
      [3, 'empty question'],
    ]);
    const deep = `[{"question": "a", "answer": "1", "x": ${'['.repeat(1e5)}${']'.repeat(1e5)}}]`;
    expect(kept(deep)).toEqual([['a', '1']]);
  });

  test('the name of a file tells its format', () => {
    expect(['a.JSONL', 'b.ndjson', 'c.csv', 'd.tsv', 'e.json', 'constructor'].map(formatOf)).toEqual([
      'jsonl',
      'jsonl',
      'csv',
      'csv',
      undefined,
      undefined,
    ]);
  });

  test('the hash is of what is asked, whatever the form and the dropped rows', async () => {
    const rows = [
      { question: 'What is 2 + 3?', answer: '5' },
      { question: 'What is 2 + 4?', answer: '6', level: 2 },
    ];
    const hash = (text: string) => sha256OfProblems(importProblems(text).problems);
    const first = await hash(jsonl(...rows));
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(await hash('answer,question,level\n5,What is 2 + 3?,\nx,Prove it.,\n6,What is 2 + 4?,2\n')).toBe(
      first,
    );
    expect(await hash(jsonl(rows[1], rows[0]))).not.toBe(first);
    expect(await hash(jsonl(rows[0], { ...rows[1], answer: '7' }))).not.toBe(first);
    expect(await hash(jsonl(rows[0], { ...rows[1], level: 3 }))).not.toBe(first);
  });

  test('semicolons and tabs separate as well', () => {
    expect(kept('question;answer\nWhat is 3,5 + 1?;4,5\n')).toEqual([['What is 3,5 + 1?', '4,5']]);
    expect(kept('answer\tquestion\n6\tOne, two and three?\n')).toEqual([['One, two and three?', '6']]);
  });

  test('levels', () => {
    const rows = [3, '2', 'Level 5', 'hard', null, 0].map((level, i) => ({
      question: `Q${i}`,
      answer: 1,
      level,
    }));
    expect(importProblems(jsonl(...rows)).problems.map((p) => p.level)).toEqual([
      3,
      2,
      5,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('the report', () => {
  test('every row is kept or dropped, with its line and why', () => {
    const text = [
      jsonl({ question: 'What is 7 * 8?', answer: '56' }),
      '',
      '{"question": "What',
      jsonl({ question: '  ', answer: '1' }),
      jsonl({ question: 'Prove that 2 is even.', answer: 'yes' }),
      jsonl({ question: 'WHAT is  7 * 8', answer: '57' }),
      jsonl({ question: 'What is 9 * 9?', answer: '' }),
      jsonl({ question: 'What is 6 * 6?', answer: '36' }),
      '["a", "b"]',
    ].join('\n');
    const report = importProblems(text, { heldOut: ['what is 6 * 6'] });
    expect(report.dropped.map(({ line, reason, detail }) => `${line}: ${reason}: ${detail}`)).toEqual([
      '3: malformed line: it is not JSON',
      '4: empty question: no text under question, problem, prompt, input or messages',
      '5: proof: it asks for a proof',
      '6: duplicate: same question as line 1, with another answer',
      '7: answer not parsable: no answer under answer, gold, target, solution',
      '8: in the test set: the same question is held out',
      '9: malformed line: it is not a JSON object',
    ]);
    expect(report.dropped[2].text).toBe('Prove that 2 is even.');
    const { rows, kept, dropped } = report.counts;
    expect([rows, kept, Object.values(dropped).reduce((a, b) => a + b)]).toEqual([8, 1, 7]);
  });

  test('the caller decides what answers its checker can read', () => {
    const text = jsonl({ question: 'A?', answer: 'blue' }, { question: 'B?', answer: '12' });
    const { problems, dropped } = importProblems(text, { parses: (answer) => /^\d+$/.test(answer) });
    expect(problems.map((p) => p.prompt)).toEqual(['B?']);
    expect(dropped[0]).toMatchObject({ line: 1, detail: '"blue" cannot be checked' });
  });

  test('case, width, white space and the mark at the end make no other question', () => {
    expect(normalizeQuestion(' Ｗhat\tis\n2 + 2 ?! ')).toBe(normalizeQuestion('what is 2 + 2'));
    expect(normalizeQuestion('what is 1.5')).not.toBe(normalizeQuestion('what is 15'));
  });

  test('a problem keeps its id and split, whatever else the file holds', () => {
    const row = (i: number) => ({ question: `What is ${i} + 1?`, answer: i + 1 });
    const rows = Array.from({ length: 2000 }, (_, i) => row(i));
    const [all, half] = [rows, rows.slice(1000).reverse()].map((r) => importProblems(jsonl(...r)));
    const task = importedTask({ name: 'mine', title: 'Mine', problems: all.problems });
    const part = importedTask({ name: 'mine', title: 'Mine', problems: half.problems });
    expect(new Set(all.problems.map((p) => p.id)).size).toBe(2000);
    for (const name of ['train', 'validation', 'test'] as const) {
      const ids = new Set(task.split(name).map((p) => p.id));
      expect(part.split(name).every((p) => ids.has(p.id))).toBe(true);
      expect(task.split(name)).toHaveLength(all.counts.splits[name]);
    }
    expect(all.counts.splits.test).toBeGreaterThan(150);
    expect(all.counts.splits.test).toBeLessThan(250);
  });
});

describe('files that cannot be imported as a whole', () => {
  test.each([
    ['nothing', ' \n ', 'The file is empty'],
    ['half a JSON array', '[{"question": "a"}', 'begins like a JSON array but is none'],
    ['an empty JSON array', '[]', 'an empty list'],
    ['columns without a question', 'name,answer\nx,1', 'The columns are: "name", "answer"'],
    ['rows without a question', '{"text": "x"}', 'The columns are: "text"'],
    ['a header alone', 'question,answer\n', 'holds no rows'],
    ['too many bytes', 'é'.repeat(MAX_IMPORT_BYTES / 2 + 1), 'more than the 32 MiB'],
    ['too many rows', '{}\n'.repeat(MAX_IMPORT_ROWS + 1), 'more than 100,000 rows'],
    ['too many rows of CSV', `question\n${'a\n'.repeat(MAX_IMPORT_ROWS + 1)}`, 'more than 100,000 rows'],
    ['quotation marks alone', `question\n${'"a'.repeat(2_100_000)}`, 'too many quotation marks'],
  ])('%s', (_, text, message) => {
    expect(() => importProblems(text)).toThrow(ImportError);
    expect(() => importProblems(text)).toThrow(message);
  });
});

test('random texts give a report or an ImportError, and never lose a row (seed 6)', () => {
  const random = new Random(6);
  const parts = [
    'question',
    'answer',
    '{',
    '}',
    '"',
    ':',
    ',',
    '\n',
    '\r',
    '\t',
    ';',
    '[',
    ']',
    '\\',
    '\ud800',
    '\0',
  ];
  const more = [
    '{"question":"a","answer":"1"}',
    '\\boxed{',
    '####',
    'messages',
    '__proto__',
    'null',
    '"__proto__":{}',
  ];
  for (let i = 0; i < 4000; i++) {
    const body = Array.from({ length: random.int(40) }, () =>
      random.choice(i % 2 ? parts : [...parts, ...more]),
    );
    const text = random.choice(['', 'question,answer\n', '{"question":"b"}\n']) + body.join('');
    try {
      const { problems, dropped, counts } = importProblems(text, {
        format: random.choice(['csv', 'jsonl', undefined]),
      });
      expect(problems.length + dropped.length).toBe(counts.rows);
      for (const { line, detail } of dropped) {
        expect(line).toBeLessThanOrEqual(text.split(/\r\n?|\n/).length);
        expect(detail).not.toBe('');
      }
    } catch (error) {
      expect(error).toBeInstanceOf(ImportError);
    }
  }
});

describe('hostile files of a megabyte or two are read in linear time', () => {
  const MEGABYTE = 2 ** 20;
  const fill = (part: string, bytes = MEGABYTE) => part.repeat(Math.floor(bytes / part.length));
  const question = (text: string) => JSON.stringify({ question: text, answer: '1' });
  test.each<[string, () => string]>([
    ['open quotation marks', () => `question,answer\n"${fill('"a')}`],
    ['stray quotation marks before white space', () => `question,answer\n"${fill('"b')}${fill(' ')}\n`],
    ['the same before a separator', () => `question,answer\n"${fill('"b')}${fill('\v')},1\n`],
    ['tabs', () => `question,answer\n"${fill('"b')}${fill('\t')}\n`],
    ['separators alone', () => `question\na\n${fill(',')}`],
    ['deep JSON', () => `{"question": ${fill('[')}`],
    ['marks at the end of questions', () => fill(`${question(`a${'?'.repeat(7000)}b`)}\n`)],
    ['white space in questions', () => fill(`${question(`a${' '.repeat(7000)}b`)}\n`)],
    ['combining marks', () => fill(`${question(`a${'\u0315\u0300'.repeat(3900)}`)}\n`)],
    ['labels', () => fill(`${question('(A) '.repeat(1900))}\n`)],
    ['open boxes', () => fill(`${JSON.stringify({ question: 'a', answer: '\\boxed{'.repeat(9000) })}\n`)],
  ])('%s', (_, make) => {
    const text = make();
    const start = performance.now();
    importProblems(text);
    expect(performance.now() - start).toBeLessThan(4000);
  });
});

test.each([
  ['5', '\\boxed{5}', true],
  ['0.5', '\\boxed{1/2}', true],
  ['$1,000$', '\\boxed{1000}', true],
  ['Paris', 'It is \\boxed{ paris }', true],
  ['5', '\\boxed{6}', false],
  ['5', '5', false],
  ['1/3', '\\boxed{0.333}', false],
])('gold %s, response %s: %s', (gold, response, correct) => {
  expect(exactCheck(gold, response).correct).toBe(correct);
});

test('an imported task judges with the check it is given', () => {
  const { problems } = importProblems(jsonl({ question: 'What is 1 + 1?', answer: '2', level: 3 }));
  const task = importedTask({ name: 'mine', title: 'Mine', problems });
  expect(task.verify(problems[0], '\\boxed{3}')).toEqual({
    correct: false,
    extracted: '3',
    reason: '"3" is not the answer "2"',
  });
  expect(task.levels).toEqual([3]);
  const check = () => ({ correct: true, extracted: null, reason: 'anything goes' });
  expect(importedTask({ name: 'mine', title: 'Mine', problems, check }).verify(problems[0], '').correct).toBe(
    true,
  );
});

test('the difficulty filter keeps what is solved now and then', () => {
  const problems = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, prompt: id, answer: '1' }));
  const rates = new Map([['a', 0], ['b', 0.2], ['c', 0.8], ['d', 1]]); // prettier-ignore
  const { kept, dropped } = filterByPassRate(problems, rates, { min: 0.2, max: 0.8 });
  expect(kept.map((p) => p.id)).toEqual(['b', 'c']);
  expect(dropped.map(({ problem, reason }) => `${problem.id}: ${reason}`)).toEqual([
    'a: too hard: pass rate 0.00 below 0.2',
    'd: too easy: pass rate 1.00 above 0.8',
    'e: its pass rate was not measured',
  ]);
  expect(() => filterByPassRate(problems, rates, { min: 0.9, max: 0.1 })).toThrow('0 ≤ min ≤ max ≤ 1');
});
