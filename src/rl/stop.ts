/** Stop strings: a response ends where one of them is complete. */
import type { Completion } from '../model/decoder';

/** The completion up to the token that completes the first stop string, finished there; or as it is. */
export function cutAtStop(
  completion: Completion,
  stops: readonly string[],
  decode: (tokens: Uint32Array) => string,
): Completion {
  const { tokens, logps } = completion;
  const stopped = (length: number) => {
    const text = decode(tokens.subarray(0, length));
    return stops.some((stop) => text.includes(stop));
  };
  if (stops.length === 0 || !stopped(tokens.length)) return completion;
  // A prefix that holds the string holds it for good: the shortest one is found by halving.
  let [without, within] = [0, tokens.length];
  while (within - without > 1) {
    const middle = (without + within) >> 1;
    if (stopped(middle)) within = middle;
    else without = middle;
  }
  return { tokens: tokens.slice(0, within), logps: logps.slice(0, within), finished: true };
}
