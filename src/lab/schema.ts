/**
 * One experiment is one JSON document. The form, the stored run, the CLI and (later) links and exports are all made from
 * this schema; each field carries its label, unit, help and step as `meta`. Names follow TRL's `GRPOConfig` where it has one.
 */
import { z } from 'zod';

export interface FieldMeta {
  label: string;
  help: string;
  unit?: string;
  /** Spinner step of the number input. */
  step?: number;
  /** Shown only under "more settings". */
  advanced?: boolean;
}

const number = (min: number, max: number, value: number, meta: FieldMeta) =>
  z
    .number()
    .min(min)
    .max(max)
    .default(value)
    .meta({ ...meta });
const integer = (min: number, max: number, value: number, meta: FieldMeta) =>
  z
    .int()
    .min(min)
    .max(max)
    .default(value)
    .meta({ ...meta });

export const experimentSchema = z.strictObject({
  version: z.literal(1).default(1),
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
  model: z
    .strictObject({
      path: z.string().min(1).default('tiny-countdown').meta({
        label: 'Base model',
        help: 'A Hugging Face model directory: one shipped with the lab, or (headless) any folder.',
      }),
    })
    .prefault({})
    .meta({ label: 'Model' }),
  data: z
    .strictObject({
      task: z
        .enum(['countdown'])
        .default('countdown')
        .meta({ label: 'Task', help: 'Three numbers, one target: combine each number once with + − ×.' }),
    })
    .prefault({})
    .meta({ label: 'Data' }),
  rollout: z
    .strictObject({
      queries_per_step: integer(1, 1024, 16, {
        label: 'Queries per step',
        unit: 'prompts',
        help: 'Different problems sampled for one RL step (train batch size).',
      }),
      num_generations: integer(2, 256, 8, {
        label: 'Rollouts per query',
        unit: 'responses',
        help: 'Group size n: the advantage compares responses to the same problem.',
      }),
      max_completion_length: integer(8, 1024, 192, {
        label: 'Response limit',
        unit: 'tokens',
        help: 'Responses are cut here; a cut response earns nothing.',
      }),
      temperature: number(0.05, 4, 1, {
        label: 'Temperature',
        help: 'Divides the logits in the sampler and in the trainer alike.',
        step: 0.05,
      }),
      top_k: integer(0, 1_000_000, 0, {
        label: 'Top-k',
        unit: 'tokens',
        help: 'Sample among the k likeliest tokens; 0 is off.',
        advanced: true,
      }),
      top_p: number(0.01, 1, 1, {
        label: 'Top-p',
        help: 'Sample from the smallest set of tokens with this probability; 1 is off.',
        step: 0.01,
        advanced: true,
      }),
    })
    .prefault({})
    .meta({ label: 'Rollouts' }),
  objective: z
    .strictObject({
      scale_rewards: z.enum(['group', 'none']).default('group').meta({
        label: 'Advantage scaling',
        help: 'group: (r − mean)/(std + 1e-4), as GRPO. none: r − mean, as Dr. GRPO.',
      }),
      epsilon: number(0, 1, 0.2, {
        label: 'Clip ε',
        help: 'Importance ratios outside 1 ± ε stop earning; on-policy they are all 1.',
        step: 0.01,
      }),
      beta: number(0, 10, 0, {
        label: 'KL coefficient β',
        help: 'Weight of the k3 estimate of KL to the base model, in the loss. 0 is off.',
        step: 0.001,
      }),
      loss_scale_length: number(1, 100_000, 40, {
        label: 'Loss length constant',
        unit: 'tokens',
        help: 'The loss is Σ over tokens ÷ (rollouts × this constant), as Dr. GRPO.',
        advanced: true,
      }),
    })
    .prefault({})
    .meta({ label: 'Objective' }),
  optimizer: z
    .strictObject({
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
    })
    .prefault({})
    .meta({ label: 'Optimiser' }),
  schedule: z
    .strictObject({
      max_steps: integer(1, 1_000_000, 60, {
        label: 'Steps',
        unit: 'updates',
        help: 'RL updates; on-policy, one per rollout batch.',
      }),
      eval_steps: integer(1, 1_000_000, 10, {
        label: 'Evaluate every',
        unit: 'steps',
        help: 'Also before the first and after the last step.',
      }),
      save_steps: integer(1, 1_000_000, 5, {
        label: 'Checkpoint every',
        unit: 'steps',
        help: 'A closed tab loses at most this many steps. Metrics are kept at every step.',
      }),
    })
    .prefault({})
    .meta({ label: 'Schedule' }),
  evaluation: z
    .strictObject({
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
    })
    .prefault({})
    .meta({ label: 'Evaluation' }),
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
 * Fills in defaults and checks ranges.
 * @throws ExperimentError listing every problem with its path.
 */
export function parseExperiment(input: unknown): Experiment {
  const result = experimentSchema.safeParse(input);
  if (result.success) return result.data;
  throw new ExperimentError(
    result.error.issues.map((i) => ({ path: i.path.join('.') || '(document)', message: i.message })),
  );
}
