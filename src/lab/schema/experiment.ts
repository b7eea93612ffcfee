/**
 * One experiment is one JSON document. The form, the stored run, the CLI and (later) links and exports are all made from
 * this schema; each field carries its label, unit, help and step as `meta`. Names follow TRL's `GRPOConfig` where it has one.
 */
import { z } from 'zod';
import { WEIGHT_TYPES } from '../../gpu/kernels/packed-weights';
import { checkExperiment } from './advice';
import { dataSection } from './data';
import { choice, integer, number, section, text } from './fields';
import { migrate } from './migrate';
import { klSection, objectiveSection, strategySection } from './objective';
import { rewardSection } from './reward';
import { promptSection, rolloutSection } from './rollout';
import { sftSection } from './sft';
import { toolsSection } from './tools';
import { trainingSection } from './training';

export const experimentSchema = z.strictObject({
  version: z.literal(2).default(2),
  name: z
    .string()
    .min(1)
    .max(120)
    .default('Aha: outcome reward alone')
    .meta({ label: 'Name', help: 'How the run appears in the list.' }),
  seed: integer(0, 2 ** 31 - 1, 0, {
    label: 'Seed',
    help: 'Same seed, same experiment, same adapter: the same run, bit for bit.',
  }),
  model: section('Model', {
    path: z.string().min(1).default('tiny-countdown').meta({
      label: 'Base model',
      help: 'A Hugging Face model directory of a Qwen2 or Qwen3 model: in the browser one shipped with the lab or brought under Models, headless any folder.',
    }),
    dtype: choice(WEIGHT_TYPES, 'float32', {
      label: 'Weights kept as',
      help: 'float16 halves the memory of weights that LoRA leaves frozen; int8 and int4, in blocks of 32 with a scale, take 27 % and 14 % of it and change what the model says a little. Where all weights are trained, float16 is a copy beside them that is computed with: half as much to read, half as much memory again. All adds up in float32.',
      advanced: true,
    }),
  }),
  data: dataSection,
  sft: sftSection,
  prompt: promptSection,
  rollout: rolloutSection,
  tools: toolsSection,
  reward: rewardSection,
  objective: objectiveSection,
  kl: klSection,
  strategy: strategySection,
  training: trainingSection,
  optimizer: section('Optimiser', {
    learning_rate: number(1e-7, 0.1, 2e-4, {
      label: 'Learning rate',
      help: 'Too high destroys the arithmetic: watch the share of right equations.',
      step: 1e-5,
    }),
    warmup_steps: integer(0, 100_000, 3, {
      label: 'Warm-up',
      unit: 'steps',
      help: 'The learning rate rises linearly over these steps.',
    }),
    adam_beta1: number(0, 0.9999, 0.9, {
      label: 'Adam β₁',
      help: 'Decay of the mean of gradients.',
      step: 0.01,
      advanced: true,
    }),
    adam_beta2: number(0, 0.99999, 0.99, {
      label: 'Adam β₂',
      help: 'Decay of the mean of squared gradients.',
      step: 0.001,
      advanced: true,
    }),
    weight_decay: number(0, 1, 0, {
      label: 'Weight decay',
      help: 'Decoupled, as AdamW.',
      step: 0.01,
      advanced: true,
    }),
    max_grad_norm: number(0, 1000, 1, {
      label: 'Gradient clip',
      help: 'Largest global gradient norm; 0 is off.',
      step: 0.1,
      advanced: true,
    }),
  }),
  schedule: section('Schedule', {
    max_steps: integer(1, 1_000_000, 60, {
      label: 'Steps',
      unit: 'updates',
      help: 'RL updates; on-policy, one per rollout batch.',
    }),
    eval_steps: integer(1, 1_000_000, 20, {
      label: 'Evaluate every',
      unit: 'steps',
      help: 'Also before the first and after the last step.',
    }),
    save_steps: integer(1, 1_000_000, 5, {
      label: 'Checkpoint every',
      unit: 'steps',
      help: 'After an interruption at most this many steps are computed again. What was measured is kept at every step.',
    }),
  }),
  evaluation: section('Evaluation', {
    split: z.enum(['validation', 'test']).default('test').meta({
      label: 'Evaluation set',
      help: 'Held out: no triple of numbers occurs in training. Nothing is selected by it.',
    }),
    problems: integer(1, 100_000, 488, {
      label: 'Problems',
      unit: 'problems',
      help: 'The first so many of the set, at most all of it.',
    }),
    num_samples: integer(1, 64, 1, {
      label: 'Samples a problem',
      unit: 'responses',
      help: 'For the sampled evaluation; the greedy one takes one.',
    }),
    temperature: number(0.05, 4, 1, {
      label: 'Temperature',
      help: 'Of the sampled evaluation.',
      step: 0.05,
    }),
    eval_dataset: text(400, '', {
      label: 'Further sets',
      help: 'Evaluated as well, with commas between them: tasks, with levels if you like (arrows, arithmetic:1-2), and imported for the data set above. Nothing of them is trained on.',
    }),
  }),
});

/** A complete experiment: every default filled in. */
export type Experiment = z.output<typeof experimentSchema>;
/** What a person or a preset writes: any subset. */
export type ExperimentInput = z.input<typeof experimentSchema>;

export class ExperimentError extends Error {
  constructor(readonly problems: readonly { path: string; message: string }[]) {
    super(
      `The experiment is not valid and was not started:\n${problems.map((p) => `  ${p.path}: ${p.message}`).join('\n')}`,
    );
    this.name = 'ExperimentError';
  }
}

/**
 * Fills in defaults, checks ranges, and whether the settings fit together.
 * @throws ExperimentError listing every problem with its path.
 */
export function parseExperiment(input: unknown): Experiment {
  const result = experimentSchema.safeParse(migrate(input));
  if (result.success) {
    const { errors } = checkExperiment(result.data);
    if (errors.length > 0) throw new ExperimentError(errors);
    return result.data;
  }
  throw new ExperimentError(
    result.error.issues.map((i) => ({ path: i.path.join('.') || '(document)', message: i.message })),
  );
}

/** A stored experiment, of whatever version; undefined when it cannot be read. */
export function readExperiment(stored: unknown): Experiment | undefined {
  return experimentSchema.safeParse(migrate(stored)).data;
}
