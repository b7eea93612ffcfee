import { judgeBoxed, quoted } from '../boxed';
import { countEquations } from '../equations';
import { bySplit } from '../hash';
import { equals } from '../maths/rational';
import { parseRational } from '../rational';
import type { Problem, Task, Verdict } from '../types';

/** Judges a response by the gold answer; like every checker it never throws. */
export type AnswerCheck = (gold: string, response: string) => Verdict;

const plain = (text: string): string =>
  text.normalize('NFKC').replaceAll('$', '').replace(/\s+/g, ' ').trim().toLowerCase();

/** Compares the last `\boxed{…}` with the gold answer: as exact numbers where both are, else as text. */
export const exactCheck: AnswerCheck = (gold, response) =>
  judgeBoxed(response, (content) => {
    const [given, right] = [plain(content), plain(gold)];
    const [a, b] = [parseRational(given), parseRational(right)];
    const correct = given === right || (a !== null && b !== null && equals(a, b));
    return { correct, reason: `${quoted(content)} is ${correct ? '' : 'not '}the answer ${quoted(gold)}` };
  });

/** A task made of imported problems. The split of a problem depends on its question alone. */
export function importedTask(settings: {
  name: string;
  title: string;
  problems: readonly Problem[];
  check?: AnswerCheck;
}): Task {
  const { name, title, problems, check = exactCheck } = settings;
  const splits = bySplit(problems, (p) => p.id);
  return {
    name,
    title,
    levels: [...new Set(problems.flatMap((p) => p.level ?? []))].sort((a, b) => a - b),
    split: (split) => splits[split],
    verify: ({ answer }, response) => check(answer, response),
    equations: countEquations,
  };
}
