/** Problems from a JSONL file. */
import { countdownProblem, type CountdownProblem } from '../tasks/countdown/problems';
import { MAX_NUMBER } from '../tasks/countdown/vocabulary';
import { CliError } from './output';

/** How many bad lines an error shows. */
const SHOWN = 5;

/**
 * Countdown problems, one a line: `{"numbers": [9, 8, 2], "target": 1}` or `{"prompt": "9 8 2 -> 1 A:", "answer": "1"}`;
 * other fields are ignored. Numbers are put in descending order, as the model knows them. Blank lines are skipped.
 * @throws CliError naming every bad line by its number (the first few), or when there is no problem at all
 */
export function parseProblems(text: string, fileName: string): CountdownProblem[] {
  const problems: CountdownProblem[] = [];
  const bad: string[] = [];
  text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .forEach((line, i) => {
      if (line.trim() === '') return;
      const parsed = parseLine(line);
      if (typeof parsed === 'string') bad.push(`  line ${i + 1}: ${parsed}`);
      else problems.push(parsed);
    });
  if (bad.length) {
    const more = bad.length > SHOWN ? `\n  and ${bad.length - SHOWN} more` : '';
    throw new CliError(
      `${fileName}: ${bad.length} of its lines cannot be used, and nothing was evaluated.\n${bad.slice(0, SHOWN).join('\n')}${more}\n` +
        'A line is {"numbers": [9, 8, 2], "target": 1} or {"prompt": "9 8 2 -> 1 A:", "answer": "1"}.',
    );
  }
  if (problems.length === 0) throw new CliError(`${fileName} holds no problem.`);
  return problems;
}

const COUNTDOWN_PROMPT = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+->\s+(\d+)(\s+A:)?\s*$/;

/** Whether any line is meant as a problem of Countdown, rather than a question of another kind. */
export const holdsCountdown = (text: string): boolean =>
  text.split('\n').some((line) => {
    const value = objectOf(line);
    if (typeof value === 'string') return false;
    const { numbers, prompt } = value;
    return numbers !== undefined || (typeof prompt === 'string' && COUNTDOWN_PROMPT.test(prompt));
  });

/** The JSON object in a line, or why it holds none. */
function objectOf(line: string): Record<string, unknown> | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return 'it is not JSON';
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : 'it is not a JSON object';
}

/** The problem, or what is wrong with the line. */
function parseLine(line: string): CountdownProblem | string {
  const value = objectOf(line);
  if (typeof value === 'string') return value;
  const { numbers, target, prompt, answer } = value;
  if (numbers !== undefined || target !== undefined) return fromNumbers(numbers, target);
  if (typeof prompt !== 'string') return 'it has neither "numbers" and "target" nor a "prompt"';
  return fromPrompt(prompt, answer);
}

function fromNumbers(numbers: unknown, target: unknown): CountdownProblem | string {
  const isNumber = (n: unknown): n is number =>
    typeof n === 'number' && Number.isInteger(n) && n >= 0 && n <= MAX_NUMBER;
  if (!Array.isArray(numbers) || numbers.length !== 3 || !numbers.every(isNumber))
    return `"numbers" must be three whole numbers from 0 to ${MAX_NUMBER}`;
  if (!isNumber(target)) return `"target" must be a whole number from 0 to ${MAX_NUMBER}`;
  const [a, b, c] = numbers.toSorted((x, y) => y - x);
  return countdownProblem([a, b, c], target);
}

function fromPrompt(prompt: string, answer: unknown): CountdownProblem | string {
  const found = COUNTDOWN_PROMPT.exec(prompt);
  if (!found) return '"prompt" is not of the form "9 8 2 -> 1 A:"';
  const [a, b, c, target] = found.slice(1, 5).map(Number);
  if (typeof answer !== 'string' && typeof answer !== 'number') return 'it has a "prompt" but no "answer"';
  if (Number(answer) !== target) return `"answer" is not the target ${target} of its prompt`;
  return fromNumbers([a, b, c], target);
}
