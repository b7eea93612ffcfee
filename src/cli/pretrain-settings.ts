/** The settings file of `lab pretrain`: any subset of the recipe's settings. */
import { z } from 'zod';
import { PRETRAIN_SETTINGS as RECIPE, type PretrainSettings } from '../sft/pretrain';
import { CliError } from './output';

const share = z.number().min(0).max(1);
const { corpus } = RECIPE;

const settingsSchema = z.strictObject({
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(RECIPE.seed),
  steps: z.int().min(1).max(1_000_000).default(RECIPE.steps),
  rows: z.int().min(1).max(1024).default(RECIPE.rows),
  /** A document is not cut, and the longest has about 190 tokens. */
  rowLength: z.int().min(192).max(4096).default(RECIPE.rowLength),
  learningRate: z.number().min(1e-7).max(1).default(RECIPE.learningRate),
  warmupSteps: z.int().min(1).max(1_000_000).default(RECIPE.warmupSteps),
  decayFrom: z.number().min(0).max(0.999).default(RECIPE.decayFrom),
  finalShare: share.default(RECIPE.finalShare),
  beta1: z.number().min(0).max(0.9999).default(RECIPE.beta1),
  beta2: z.number().min(0).max(0.99999).default(RECIPE.beta2),
  weightDecay: share.default(RECIPE.weightDecay),
  maxGradNorm: z.number().min(0).max(1000).default(RECIPE.maxGradNorm),
  corpus: z
    .strictObject({
      styles: z.strictObject({ D: share, S: share, R: share, F: share }).default(corpus.styles),
      pages: z.strictObject({ sums: share, comparisons: share, checked: share }).default(corpus.pages),
      trueComparisons: share.default(corpus.trueComparisons),
      nearMisses: share.default(corpus.nearMisses),
      giveUp: z
        .array(share)
        .min(1)
        .default([...corpus.giveUp]),
      unreachable: share.default(corpus.unreachable),
      maxTries: z.int().min(1).max(corpus.maxTries).default(corpus.maxTries),
    })
    .prefault({}),
}) satisfies z.ZodType<PretrainSettings>;

/**
 * Fills in the recipe's values and checks ranges.
 * @throws CliError listing every problem with its path
 */
export function parsePretrainSettings(input: unknown, source: string): PretrainSettings {
  const result = settingsSchema.safeParse(input);
  if (result.success) return result.data;
  const problems = result.error.issues.map((i) => `  ${i.path.join('.') || '(document)'}: ${i.message}`);
  throw new CliError(
    `${source}: the settings are not valid and nothing was started.\n${problems.join('\n')}`,
  );
}
