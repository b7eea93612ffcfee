/** What calls did to a set of responses; TRL's names where it has them. */
import type { ToolCall } from './use';

interface Response {
  correct: boolean;
  tokens: ArrayLike<number>;
  toolMask?: Uint8Array;
  calls?: readonly ToolCall[];
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const share = <T>(items: readonly T[], test: (item: T) => boolean): number =>
  mean(items.map((i) => Number(test(i))));

/** Nothing where there is no tool; shares of nothing are left out. */
export function toolMetrics(responses: readonly Response[]): Record<string, number> {
  if (responses.every(({ calls }) => calls === undefined)) return {};
  const callsOf = ({ calls = [] }: Response) => calls;
  const calls = responses.flatMap(callsOf);
  const [calling, silent] = [true, false].map((made) =>
    responses.filter((r) => callsOf(r).length > 0 === made),
  );
  return {
    'tools/call_frequency': calls.length / responses.length,
    'tools/calling_ratio': calling.length / responses.length,
    'tools/result_length': mean(
      responses.map(({ toolMask }) => toolMask?.filter((sampled) => !sampled).length ?? 0),
    ),
    ...(calls.length && {
      'tools/failure_frequency': share(calls, ({ failed }) => failed),
      'tools/timeout_frequency': share(calls, ({ timedOut }) => timedOut),
    }),
    ...(calling.length && { 'tools/accuracy_with_call': share(calling, (r) => r.correct) }),
    ...(silent.length && { 'tools/accuracy_without_call': share(silent, (r) => r.correct) }),
  };
}
