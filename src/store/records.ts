/** Metrics and rollouts as lines of JSON, in which NaN and ±∞ stand as text. */
import { ROLLOUT_KINDS, quote } from './rules';
import { StoreError, type MetricsRecord, type RolloutRecord } from './types';

const NON_FINITE = new Map<unknown, number>([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);
const TEXT_FIELDS = new Set(['kind', 'problemId', 'prompt', 'response', 'answer', 'verdict']);

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
    value = JSON.parse(line, (key, v: unknown) => (TEXT_FIELDS.has(key) ? v : (NON_FINITE.get(v) ?? v)));
  } catch {
    value = undefined;
  }
  if (accepts(value)) return value;
  throw new StoreError(
    `${where} is not what the lab writes there: ${quote(line)}. Nothing was changed; mend or remove that line.`,
  );
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
  isNumbers(value.equations);
