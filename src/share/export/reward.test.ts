import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { openInterpreter } from '../../tools/node/open';
import checker from './python/lab_checker.py?raw';
import reward from './python/lab_reward.py?raw';
import { GOLDEN_SETTINGS, goldenRewards } from './testing';

const GOLDEN = new URL('../../../e2e/golden/rewards.jsonl', import.meta.url);

it('gives the verdicts and terms of the golden file', async () => {
  const cases = goldenRewards();
  for (const right of [true, false])
    expect(cases.filter((c) => c.correct === right).length).toBeGreaterThan(50);
  const text = await readFile(GOLDEN, 'utf8');
  const stored = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  expect(stored).toEqual(JSON.parse(JSON.stringify([{ settings: GOLDEN_SETTINGS }, ...cases])));
});

it('and so does the exported Python', { timeout: 180_000 }, async () => {
  const limits = { seconds: 60, memory_mb: 256, output_chars: 4000 };
  const python = await openInterpreter('python', limits, 1);
  try {
    const { stdout, error } = await python.call(program(await readFile(GOLDEN, 'utf8')));
    expect(error).toBeNull();
    expect(JSON.parse(stdout)).toEqual([]);
  } finally {
    python.close();
  }
});

/** Writes the modules beside each other and prints the cases on which they differ from the file. */
const program = (golden: string): string => `
import json, sys
sys.path.insert(0, "/tmp")
files = json.loads(${JSON.stringify(JSON.stringify({ 'lab_checker.py': checker, 'lab_reward.py': reward }))})
for name, text in files.items():
    open("/tmp/" + name, "w", encoding="utf-8").write(text)
settings, *cases = [json.loads(line) for line in json.loads(${JSON.stringify(JSON.stringify(golden.trimEnd().split('\n')))})]
open("/tmp/reward.json", "w").write(json.dumps(settings["settings"]))
from lab_reward import judge
differing = []
for case in cases:
    correct, terms = judge(case["response"], case["truth"], case["length"], case["finished"])
    close = terms.keys() == case["terms"].keys() and all(abs(terms[k] - case["terms"][k]) < 1e-12 for k in terms)
    if correct != case["correct"] or not close:
        differing.append([case["response"][:80], case["truth"], correct, case["correct"], terms, case["terms"]])
print(json.dumps(differing[:5]))
`;
