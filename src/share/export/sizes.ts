/** Sizes of batches that frameworks ask for and the lab does not. */
import { promptWriter } from '../../rl/prompt';
import type { Experiment } from '../../lab/schema';
import type { Study } from './types';

/** The logits of one micro-batch stay below this many values, 1 GiB of float32. */
const MOST_LOGITS = 2 ** 28;

/** The largest divisor of a number that is at most `most`. */
export function largestDivisor(of: number, most: number): number {
  let divisor = Math.max(1, Math.min(of, Math.floor(most)));
  while (of % divisor !== 0) divisor--;
  return divisor;
}

/** Frameworks split a batch into equal parts only. */
export const miniBatches = ({ rollout, strategy }: Experiment): number =>
  largestDivisor(rollout.queries_per_step, strategy.mini_batches);

/** What to say where the parts are not the lab's; undefined where they are. */
export const unequalParts = (e: Experiment): string | undefined =>
  miniBatches(e) === e.strategy.mini_batches
    ? undefined
    : `The parts must be equal: ${miniBatches(e)} mini-batches of ${e.rollout.queries_per_step / miniBatches(e)} questions.`;

/** Updates of one step of the lab. */
export const updates = (e: Experiment): number => miniBatches(e) * e.strategy.num_iterations;

/** Responses of one update, and of one micro-batch of it. */
export function batchSizes(e: Experiment, { config }: Study): { update: number; micro: number } {
  const { queries_per_step, num_generations, max_completion_length } = e.rollout;
  const update = (queries_per_step * num_generations) / miniBatches(e);
  const micro = largestDivisor(update, MOST_LOGITS / (max_completion_length * config.vocabSize));
  return { update, micro };
}

/** An upper bound in tokens: no tokenizer here makes more than one of a byte. */
export function promptRoom({ experiment, questions, config, tokenizerConfig }: Study): number {
  const write = promptWriter(tokenizerConfig, experiment.prompt);
  const bytes = questions.all
    .map(({ prompt }) => new TextEncoder().encode(write(prompt)).length)
    .reduce((a, b) => Math.max(a, b), 1);
  const positions = config.maxPositionEmbeddings - experiment.rollout.max_completion_length;
  return Math.max(1, Math.min(bytes, positions));
}
