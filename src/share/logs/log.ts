import type { StepMetrics } from '../../lab/metrics';
import type { LogFramework } from './foreign';
import { parsePython } from './steps';
import { trlMetrics } from './trl';
import { verlMetrics } from './verl';

export interface ForeignRun {
  framework: LogFramework;
  /** Ascending by step, each step once. */
  metrics: StepMetrics[];
}

/** A log that cannot be used. Nothing was imported. */
export class LogError extends Error {
  override name = 'LogError';
}

/**
 * Reads `trainer_state.json` or a `log_history` of TRL, the JSON lines of verl's file logger, or what verl prints. Whatever
 * else stands in a printed log is passed over.
 * @param updatesPerStep of TRL, which counts updates: those of one step of the lab
 * @throws LogError when no step is found
 */
export function readLog(text: string, updatesPerStep = 1): ForeignRun {
  const history = logHistory(text);
  const run: ForeignRun = history
    ? { framework: 'TRL', metrics: trlMetrics(history, updatesPerStep) }
    : { framework: 'verl', metrics: verlMetrics(text) };
  if (run.metrics.length > 0) return run;
  throw new LogError(
    'No step was found in this log, and nothing was imported. Name trainer_state.json of TRL (in its output folder), metrics.jsonl of verl, or a file that holds what verl printed.',
  );
}

/** Of TRL: the lines of a `log_history`, whole or in a `trainer_state.json`; undefined for another text. */
function logHistory(text: string): readonly object[] | undefined {
  let value: unknown;
  try {
    value = parsePython(text);
  } catch {
    return undefined;
  }
  const history = Array.isArray(value) ? value : (Object(value) as { log_history?: unknown }).log_history;
  return Array.isArray(history)
    ? history.filter((line): line is object => typeof line === 'object' && line !== null)
    : undefined;
}
