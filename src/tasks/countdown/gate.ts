/**
 * The gate a base model passes before RL: it must know its arithmetic and its verdicts, and its reflective responses
 * must be right more often than its guesses. Only the data and the counting are here; the caller runs the model.
 */
import { Random } from '../../random';
import { reflectiveDocument, type Style } from './corpus';
import { PROMPT_LENGTH, split, type CountdownProblem } from './problems';
import { verify } from './verify';
import { tokenIds } from './vocabulary';

/** What is predicted: the first or second result of a trial, the verdict of a check, the answer after `\boxed{`. */
export type JudgedKind = 'res1' | 'res2' | 'yes' | 'no' | 'box';

export interface Judged {
  /** Index into `ids` of the token to predict; the prediction is made at `index - 1`. */
  readonly index: number;
  readonly kind: JudgedKind;
}

export interface GateDocument {
  readonly ids: readonly number[];
  readonly judged: readonly Judged[];
}

export interface Count {
  right: number;
  total: number;
}

const [EQUALS, CHECK, YES, BOXED] = tokenIds('= check yes \\boxed{');

function judge(ids: readonly number[]): Judged[] {
  const judged: Judged[] = [];
  let results = 0;
  let boxed = false;
  for (let index = PROMPT_LENGTH; index < ids.length; index++) {
    if (boxed) judged.push({ index, kind: 'box' });
    else if (ids[index - 1] === EQUALS) judged.push({ index, kind: results++ % 2 ? 'res2' : 'res1' });
    else if (ids[index - 2] === CHECK) judged.push({ index, kind: ids[index] === YES ? 'yes' : 'no' });
    boxed ||= ids[index] === BOXED;
  }
  return judged;
}

/** Reflective documents on validation problems that give up with probability .15 after a failed check. */
export function gateDocuments(count = 400, seed = 3): GateDocument[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const { ids } = reflectiveDocument(random, random.choice(split('validation')), 0.15);
    return { ids, judged: judge(ids) };
  });
}

/**
 * Counts right predictions by kind. `predictions[d][i]` is the likeliest token after the first i + 1 tokens of
 * document d.
 */
export function countPredictions(
  documents: readonly GateDocument[],
  predictions: readonly ArrayLike<number>[],
): Record<JudgedKind, Count> {
  const zero = (): Count => ({ right: 0, total: 0 });
  const counts = { res1: zero(), res2: zero(), yes: zero(), no: zero(), box: zero() };
  documents.forEach(({ ids, judged }, d) => {
    for (const { index, kind } of judged) {
      counts[kind].total++;
      if (predictions[d][index - 1] === ids[index]) counts[kind].right++;
    }
  });
  return counts;
}

export type ResponseStyle = Exclude<Style, 'F'>;

const words = (text: string): string[] => text.split(/\s+/).filter(Boolean);

/** R holds `check` or `wait`; D opens with the box; all else is S. */
export function responseStyle(response: string): ResponseStyle {
  const all = words(response);
  if (all.includes('check') || all.includes('wait')) return 'R';
  return all[0] === '\\boxed{' ? 'D' : 'S';
}

/** Counts verdicts `yes`, and as right those whose trial, in `= v check t yes`, reached the target. */
export function countYes(problem: CountdownProblem, response: string): Count {
  const all = words(response);
  const values = all.flatMap((word, i) => (word === 'yes' && i >= 3 ? [all[i - 3]] : []));
  return { right: values.filter((v) => v === String(problem.target)).length, total: values.length };
}

/** A response sampled at temperature 1; an unfinished one counts as wrong. */
export interface GateSample {
  readonly problem: CountdownProblem;
  readonly response: string;
  readonly finished: boolean;
}

/** Right responses by style, and right `yes` verdicts. The recipe takes 8 samples of every validation problem. */
export function countSamples(samples: readonly GateSample[]): {
  styles: Record<ResponseStyle, Count>;
  yes: Count;
} {
  const styles = { R: { right: 0, total: 0 }, D: { right: 0, total: 0 }, S: { right: 0, total: 0 } };
  const yes = { right: 0, total: 0 };
  for (const { problem, response, finished } of samples) {
    const style = styles[responseStyle(response)];
    style.total++;
    if (finished && verify(problem, response).correct) style.right++;
    const verdicts = countYes(problem, response);
    yes.right += verdicts.right;
    yes.total += verdicts.total;
  }
  return { styles, yes };
}

export interface GateCheck {
  readonly name: string;
  readonly value: number;
  readonly atLeast: number;
  readonly passed: boolean;
}

/** The gate's four conditions. Nothing to count is a failure, not a pass. */
export function gateVerdict(
  predictions: Record<JudgedKind, Count>,
  styles: Record<ResponseStyle, Count>,
): { passed: boolean; checks: GateCheck[] } {
  const share = ({ right, total }: Count) => (total ? right / total : 0);
  const check = (name: string, value: number, atLeast: number): GateCheck => ({
    name,
    value,
    atLeast,
    passed: value >= atLeast,
  });
  const direct = share(styles.D);
  const reflective = share(styles.R);
  const checks = [
    check('teacher-forced yes', share(predictions.yes), 0.98),
    check('teacher-forced no', share(predictions.no), 0.98),
    check('second result', share(predictions.res2), 0.98),
    check('R right over D right', reflective ? reflective / Math.max(direct, 1e-6) : 0, 3),
  ];
  return { passed: checks.every((c) => c.passed), checks };
}
