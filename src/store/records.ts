/** Metrics and rollouts as lines of JSON, in which NaN and ±∞ stand as text. */
import { ROLLOUT_KINDS, quote } from './rules';
import { StoreError, type CallRecord, type MetricsRecord, type RolloutRecord } from './types';

const NON_FINITE = new Map<unknown, number>([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);
const TEXT_FIELDS = new Set(['kind', 'problemId', 'prompt', 'response', 'answer', 'verdict']);
const CALL_TEXTS = new Set(['code', 'output']);
const NO_TEXTS = new Set<string>();

export function encodeLine(record: MetricsRecord | RolloutRecord): string {
  const encode = (_key: string, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  return JSON.stringify(record, encode) + '\n';
}

/** @throws StoreError when the line is not a metrics record; `where` names it. */
export const decodeMetrics = (line: string, where: string): MetricsRecord => decode(line, where, isMetrics);

/** @throws StoreError when the line is not a rollout; `where` names it. */
export const decodeRollout = (line: string, where: string): RolloutRecord => decode(line, where, isRollout);

function decode<T>(line: string, where: string, accepts: (value: unknown) => value is T): T {
  let value: unknown;
  try {
    value = withNumbers(JSON.parse(line));
  } catch {
    value = undefined;
  }
  if (accepts(value)) return value;
  throw new StoreError(
    `${where} is not what the lab writes there: ${quote(line)}. Nothing was changed; mend or remove that line.`,
  );
}

/** Puts the numbers back that stand as text: in a record's own fields and in those of its parts, but not in its texts. */
function withNumbers(record: unknown): unknown {
  if (!isObject(record)) return record;
  const numbers = (part: Record<string, unknown>, texts: ReadonlySet<string>) =>
    Object.fromEntries(
      Object.entries(part).map(([key, v]) => [key, texts.has(key) ? v : (NON_FINITE.get(v) ?? v)]),
    );
  const parts = Object.entries(numbers(record, TEXT_FIELDS)).map(([key, value]) => {
    if (isObject(value)) return [key, numbers(value, NO_TEXTS)];
    if (!Array.isArray(value)) return [key, value];
    return [key, value.map((entry: unknown) => (isObject(entry) ? numbers(entry, CALL_TEXTS) : entry))];
  });
  return Object.fromEntries(parts) as unknown;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isNumbers = (value: unknown): value is Record<string, number> =>
  isObject(value) && Object.values(value).every((v) => typeof v === 'number');

const isMetrics = (value: unknown): value is MetricsRecord =>
  isNumbers(value) && Object.hasOwn(value, 'step');

const isRollout = (value: unknown): value is RolloutRecord =>
  isObject(value) &&
  ROLLOUT_KINDS.some((kind) => kind === value.kind) &&
  ['problemId', 'prompt', 'response', 'verdict'].every((key) => typeof value[key] === 'string') &&
  (value.answer === undefined || typeof value.answer === 'string') &&
  ['step', 'length', 'reward', 'advantage'].every((key) => typeof value[key] === 'number') &&
  ['finished', 'correct'].every((key) => typeof value[key] === 'boolean') &&
  isNumbers(value.rewards) &&
  isNumbers(value.equations) &&
  (value.calls === undefined || (Array.isArray(value.calls) && value.calls.every(isCall))) &&
  (value.toolTokens === undefined || typeof value.toolTokens === 'number');

const isCall = (value: unknown): value is CallRecord =>
  isObject(value) &&
  typeof value.code === 'string' &&
  (value.output === null || typeof value.output === 'string') &&
  ['failed', 'timedOut'].every((key) => typeof value[key] === 'boolean') &&
  typeof value.ms === 'number';
