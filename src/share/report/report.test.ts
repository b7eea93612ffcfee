import { describe, expect, it } from 'vitest';
import { parseExperiment } from '../../lab/schema';
import { Random } from '../../random';
import type { RolloutRecord } from '../../store/types';
import type { RunContents } from '../run-file';
import { reportHtml } from './index';

const rollout = (changes: Partial<RolloutRecord>): RolloutRecord => ({
  step: 0,
  kind: 'watch',
  problemId: '1',
  prompt: '9 8 2 -> 1',
  response: 'no idea',
  length: 5,
  finished: true,
  reward: 0,
  rewards: {},
  advantage: 0,
  correct: false,
  verdict: 'no answer',
  equations: { right: 0, total: 0 },
  ...changes,
});

const run = (changes: Partial<RunContents> = {}): RunContents => ({
  run: {
    id: 'a',
    name: 'Aha',
    experiment: parseExperiment({ seed: 7 }),
    status: 'finished',
    step: 20,
    createdAt: Date.UTC(2026, 0, 2),
    updatedAt: Date.UTC(2026, 0, 3),
    adapter: 'google swiftshader',
  },
  metrics: [
    { step: 0, 'eval/sampled/accuracy': 0.15 },
    { step: 1, reward: 0.5, entropy: 0.2 },
    {
      step: 20,
      'eval/sampled/accuracy': 0.5,
      'eval/arrows:1/greedy/accuracy': 0.25,
      reward: 0.75,
      entropy: 0.1,
    },
  ],
  rollouts: [
    rollout({}),
    rollout({ step: 20, response: 'check 1 yes', correct: true }),
    rollout({ step: 20, kind: 'train', prompt: '5 4 -> 9', response: '\\boxed{ 5 + 4 }' }),
  ],
  checkpoints: [],
  ...changes,
});

describe('the page', () => {
  const html = reportHtml(run());

  it('shows what the run was, did and wrote', () => {
    for (const text of [
      '<h1>Aha</h1>',
      'finished · step 20 of 60 · google swiftshader · begun 2026-01-02',
      '<th scope="row">Accuracy, sampled, %</th><td>15.0</td><td>50.0</td>',
      '<th scope="row">arrows:1: Accuracy, greedy, %</th><td>–</td><td>25.0</td>',
      '<th scope="row">seed</th><td>0</td><td>7</td>',
      'check 1 yes',
      '\\boxed{ 5 + 4 }',
    ])
      expect(html).toContain(text);
    expect(html.match(/<svg /g)).toHaveLength(1);
  });

  it('draws thin the run that it was forked from', () => {
    const { run: whole, ...rest } = run();
    const reference = [
      { step: 0, reward: 0.1 },
      { step: 40, reward: 0.9 },
    ];
    const fork = reportHtml({ ...rest, run: { ...whole, reference, parent: { run: 'b', step: 10 } } });
    expect(fork).toContain('Thin lines: the run it was forked from.');
    expect(fork).toContain('stroke-width="0.8"');
    expect(html).not.toMatch(/Thin lines|stroke-width="0\.8"/);
  });

  it('needs nothing from elsewhere', () => {
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(
      /https?:|src=|href=|url\(|@import|<script/,
    );
  });

  it('is made of a run without anything, too', () =>
    expect(reportHtml(run({ metrics: [], rollouts: [] }))).toContain('<h1>Aha</h1>'));
});

/** Every tag of the page with its attributes' names. */
const tagsOf = (html: string): string[] =>
  [...html.matchAll(/<([!/]?[a-zA-Z][^\s>/]*)((?:\s+[^\s=>]+(?:="[^"]*")?)*)\s*\/?>/g)].map(
    ([, tag, attributes]) =>
      [tag, ...[...attributes.matchAll(/([^\s=]+)="/g)].map(([, name]) => name)].join(' '),
  );

it('takes whatever the model or a stranger wrote as text', () => {
  const seed = 31;
  const random = new Random(seed);
  const known = new Set(tagsOf(reportHtml(run())));
  const pieces = [
    '</pre><script>alert(1)</script>',
    '"><img src=x onerror="alert(1)">',
    "' onload='alert(1)",
    '</style><style>*{display:none}',
    '</title><svg/onload=alert(1)>',
    '<!--',
    '-->',
    ']]><![CDATA[',
    '&lt;b&gt; &#60;script>',
    '\0\ud800\uffff\u2028',
    '<',
    'javascript:alert(1)',
  ];
  for (let i = 0; i < 100; i++) {
    const text = () => Array.from({ length: 1 + random.int(4) }, () => random.choice(pieces)).join('');
    const sound = run();
    const html = reportHtml({
      ...sound,
      run: {
        ...sound.run,
        name: text(),
        adapter: text(),
        error: text(),
        experiment: { ...parseExperiment({}), name: text() },
      },
      rollouts: sound.rollouts.map((r) => ({ ...r, prompt: text(), response: text(), verdict: text() })),
    });
    const strange = tagsOf(html).filter((tag) => !known.has(tag) && tag !== 'p class');
    expect(strange, `seed ${seed}, page ${i}`).toEqual([]);
    // Every other "<" of the page is written as a reference.
    expect(html.match(/</g)?.length, `seed ${seed}, page ${i}`).toBe(tagsOf(html).length);
    expect(html).not.toMatch(/[\0\ud800]/u);
  }
});
