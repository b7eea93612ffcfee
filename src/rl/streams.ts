/** Second words of the RNG key: which use of a seed a random number belongs to. No two uses share one. */
export const STREAMS = {
  /** Which problems a step asks. */
  problems: 1,
  /** Responses to a prompt that a person gives. */
  generation: 2,
  /** Demonstrations that the task writes. */
  demonstrations: 4,
  /** Responses that rejection sampling chooses demonstrations from. */
  rejection: 5,
  /** Which problems the difficulty filter measures. */
  measuredProblems: 6,
  /** Responses that the difficulty filter measures them by. */
  passRates: 7,
  /** First values of an adapter. */
  adapter: 8,
  /** Sampled evaluation: the same noise each time, so that curves differ by the policy alone. */
  evaluation: 0x8000,
  /** Rollouts of step s: `rollouts + s`. */
  rollouts: 0x10000,
  /** Mini-batches and replay of step s: `minibatches + s`. */
  minibatches: 0x1000000,
  /** Order of the demonstrations in epoch e of SFT: `epochs + e`. */
  epochs: 0x2000000,
} as const;
