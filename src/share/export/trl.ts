/** A study for TRL's `GRPOTrainer` (1.16). */
import { learnerSettings } from '../../lab/step-settings';
import type { Experiment } from '../../lab/schema';
import { loraOf } from '../../lab/schema/training';
import { betaOfStep } from '../../rl/kl';
import { COMMON } from './common';
import { dataFiles } from './data';
import { argumentsOf, notesFile } from './notes';
import rewards from './python/trl/rewards.py?raw';
import train from './python/trl/train.py?raw';
import { rewardFiles } from './rewards';
import { batchSizes, miniBatches, unequalParts, updates } from './sizes';
import type { Argument, Mapping, Study, TextFile } from './types';

/** Of the lab's AdamW. */
const ADAM_EPSILON = 1e-8;

/**
 * TRL's loss is the lab's times this: its `dr_grpo` divides by the response limit instead of the length constant. AdamW
 * forgets a factor of the gradient when its ε and the gradient clip are scaled alike.
 */
function lossScale({ objective, rollout }: Experiment): number {
  const { loss_type, loss_scale_length } = objective;
  if (loss_type === 'dr_grpo') return loss_scale_length / rollout.max_completion_length;
  return loss_type === 'seq_sum' ? 1 / rollout.max_completion_length : 1;
}

const hasKl = ({ kl }: Experiment): boolean => kl.schedule !== 'none';
const refreshes = (e: Experiment): boolean => hasKl(e) && e.kl.ref_model_sync_steps > 0;

/** β of every update, where it moves on a schedule; undefined where it is one number. */
function betas(experiment: Experiment): number[] | undefined {
  const { kl, schedule } = experiment;
  if (!['linear', 'cosine', 'as_released'].includes(kl.schedule)) return undefined;
  const settings = learnerSettings(experiment).kl;
  return Array.from({ length: schedule.max_steps }, (_, i) => betaOfStep(settings, i + 1)).flatMap((beta) =>
    Array.from({ length: updates(experiment) }, () => beta),
  );
}

export const TRL: Mapping = {
  ...COMMON,
  name: { args: ({ name }) => ({ run_name: name }) },
  seed: {
    args: ({ seed }) => ({ seed }),
    note: () =>
      'Another sampler: the same seed gives other responses, and the run equals the lab’s in distribution only.',
  },
  'rollout.queries_per_step': {
    args: (e, study) => {
      const { update, micro } = batchSizes(e, study);
      return { per_device_train_batch_size: micro, gradient_accumulation_steps: update / micro };
    },
    note: (e, study) =>
      `An update takes per_device_train_batch_size × gradient_accumulation_steps × processes = ${batchSizes(e, study).update} responses: keep that product. TRL goes through the questions in random order; the lab draws each by itself.`,
  },
  'rollout.num_generations': {
    args: ({ rollout }) => ({ num_generations: Math.max(2, rollout.num_generations) }),
    note: ({ rollout }) => (rollout.num_generations < 2 ? 'TRL needs at least 2.' : undefined),
  },
  'rollout.max_completion_length': {
    args: ({ rollout }) => ({ max_completion_length: rollout.max_completion_length }),
  },
  'rollout.temperature': { args: ({ rollout }) => ({ temperature: rollout.temperature }) },
  'rollout.top_k': { args: ({ rollout }) => ({ top_k: rollout.top_k }) },
  'rollout.top_p': { args: ({ rollout }) => ({ top_p: rollout.top_p }) },
  'objective.advantage_estimator': {
    args: ({ objective, rollout: { num_generations: n } }) =>
      objective.advantage_estimator === 'rloo' ? { reward_weights: [n / (n - 1)] } : {},
    note: ({ objective }) =>
      ({
        group: undefined,
        rloo: 'r − mean of the others is n/(n − 1) times r − mean of the group: the reward has that weight, and is logged with it as `reward`.',
        reinforce:
          'TRL’s trainer always takes the mean of the group off; here the result is divided by the batch’s std.',
        reinforce_baseline:
          'r − group mean is divided by the std of the batch’s rewards; the lab whitens it, each response weighed by its tokens.',
      })[objective.advantage_estimator],
  },
  'objective.scale_rewards': {
    args: ({ objective: { advantage_estimator, scale_rewards } }) => ({
      scale_rewards: { group: scale_rewards, rloo: 'none', reinforce: 'batch', reinforce_baseline: 'batch' }[
        advantage_estimator
      ],
    }),
  },
  'objective.importance_sampling_level': {
    args: ({ objective }) => ({ importance_sampling_level: objective.importance_sampling_level }),
  },
  'objective.epsilon': { args: ({ objective }) => ({ epsilon: objective.epsilon }) },
  'objective.epsilon_high': {
    args: ({ objective }) => ({ epsilon_high: objective.epsilon_high || objective.epsilon }),
  },
  'objective.clip_ratio_c': {
    args: ({ objective: { clip_ratio_c, epsilon_high, epsilon } }) =>
      clip_ratio_c > 1 + (epsilon_high || epsilon) ? { delta: clip_ratio_c } : {},
    note: ({ objective: { clip_ratio_c, epsilon_high, epsilon } }) =>
      clip_ratio_c > 0 && clip_ratio_c <= 1 + (epsilon_high || epsilon)
        ? 'TRL’s `delta` is the dual clip only above 1 + ε_high; it is left off.'
        : undefined,
  },
  'objective.loss_type': {
    args: ({ objective }) => ({
      loss_type: objective.loss_type === 'seq_sum' ? 'dr_grpo' : objective.loss_type,
    }),
  },
  'objective.loss_scale_length': {
    args: (e) => ({ adam_epsilon: ADAM_EPSILON * lossScale(e) }),
    note: (e) =>
      lossScale(e) === 1
        ? undefined
        : `TRL’s dr_grpo divides by the response limit: its loss and \`grad_norm\` are the lab’s × ${lossScale(e)}. max_grad_norm and Adam’s ε are scaled alike, which makes the updates the same.`,
  },
  'objective.mask_truncated_completions': {
    args: ({ objective }) => ({ mask_truncated_completions: objective.mask_truncated_completions }),
  },
  'objective.entropy_coef': {
    args: ({ objective }) => ({ entropy_coef: objective.entropy_coef }),
    note: ({ objective }) =>
      (objective.entropy_coef > 0 || objective.use_adaptive_entropy) && objective.loss_type !== 'dapo'
        ? 'TRL adds the mean entropy over the tokens of a micro-batch; the lab weighs each token as the policy term does.'
        : undefined,
  },
  'objective.use_adaptive_entropy': {
    args: ({ objective }) => ({ use_adaptive_entropy: objective.use_adaptive_entropy }),
    note: ({ objective }) =>
      objective.use_adaptive_entropy
        ? 'TRL applies the bonus only while the entropy is below its target.'
        : undefined,
  },
  'objective.entropy_target': { args: ({ objective }) => ({ entropy_target: objective.entropy_target }) },
  'objective.entropy_coef_delta': {
    args: ({ objective }) => ({ entropy_coef_delta: objective.entropy_coef_delta }),
  },
  'objective.top_entropy_quantile': {
    args: ({ objective }) => ({ top_entropy_quantile: objective.top_entropy_quantile }),
  },
  'kl.schedule': {
    file: 'kl_schedule.json where β moves, read by train.py',
    note: ({ kl }) =>
      kl.schedule === 'adaptive' ? 'TRL has no adaptive β: it stays as it begins.' : undefined,
  },
  'kl.beta': {
    // TRL 1.16 weighs the KL by the importance ratio unless told not to, which changes k3's gradient.
    args: (e) => ({
      beta: hasKl(e) ? (betas(e)?.[0] ?? e.kl.beta) : 0,
      use_bias_correction_kl: false,
    }),
  },
  'kl.beta_end': { file: 'kl_schedule.json' },
  'kl.horizon': { file: 'kl_schedule.json' },
  'kl.estimator': {
    note: (e) => (hasKl(e) && e.kl.estimator !== 'k3' ? 'TRL has k3 only.' : undefined),
  },
  'kl.placement': {
    note: (e) =>
      hasKl(e) && e.kl.placement !== 'loss'
        ? 'TRL has the KL in the loss only; it is there, with β.'
        : undefined,
  },
  'kl.ref_model_sync_steps': {
    args: (e) =>
      refreshes(e) && e.training.peft === 'none'
        ? {
            sync_ref_model: true,
            ref_model_mixup_alpha: 1,
            ref_model_sync_steps: e.kl.ref_model_sync_steps * updates(e),
          }
        : {},
    note: (e) =>
      refreshes(e) && e.training.peft !== 'none'
        ? 'TRL refreshes no reference of an adapter: it stays the base model.'
        : undefined,
  },
  'strategy.mini_batches': {
    args: (e, study) => {
      const { update, micro } = batchSizes(e, study);
      const parts = miniBatches(e);
      return { steps_per_generation: parts > 1 ? (update / micro) * parts : undefined };
    },
    note: (e) =>
      unequalParts(e) ??
      (e.strategy.mini_batches > 1
        ? 'TRL deals out single responses; the lab keeps those to one question together.'
        : undefined),
  },
  'strategy.num_iterations': { args: ({ strategy }) => ({ num_iterations: strategy.num_iterations }) },
  'training.peft': {
    args: ({ training }) => (training.peft === 'lora' ? { use_peft: true, lora_dropout: 0 } : {}),
  },
  'training.lora_r': { args: ({ training }) => ({ lora_r: loraOf(training)?.r }) },
  'training.lora_alpha': { args: ({ training }) => ({ lora_alpha: loraOf(training)?.alpha }) },
  'training.lora_target_modules': {
    args: ({ training }) => ({ lora_target_modules: loraOf(training)?.targetModules }),
  },
  'training.gradient_checkpointing': {
    args: ({ training }) => ({ gradient_checkpointing: training.gradient_checkpointing }),
  },
  'optimizer.learning_rate': {
    args: ({ optimizer }) => ({
      learning_rate: optimizer.learning_rate,
      lr_scheduler_type: 'constant_with_warmup',
    }),
  },
  'optimizer.warmup_steps': {
    args: (e) => ({ warmup_steps: e.optimizer.warmup_steps * updates(e) }),
    note: ({ optimizer }) =>
      optimizer.warmup_steps > 0
        ? 'transformers begins the warm-up at 0, so the first update changes nothing; the lab’s first step has the rate ÷ warm-up.'
        : undefined,
  },
  'optimizer.adam_beta1': { args: ({ optimizer }) => ({ adam_beta1: optimizer.adam_beta1 }) },
  'optimizer.adam_beta2': { args: ({ optimizer }) => ({ adam_beta2: optimizer.adam_beta2 }) },
  'optimizer.weight_decay': { args: ({ optimizer }) => ({ weight_decay: optimizer.weight_decay }) },
  'optimizer.max_grad_norm': {
    args: (e) => ({ max_grad_norm: e.optimizer.max_grad_norm * lossScale(e) }),
  },
  'schedule.max_steps': {
    args: (e) => ({ max_steps: e.schedule.max_steps * updates(e) }),
    note: (e) =>
      updates(e) > 1
        ? `TRL counts updates, ${updates(e)} for each step of the lab; \`lab import\` divides by it.`
        : undefined,
  },
  'schedule.eval_steps': {
    args: (e) => ({
      eval_strategy: 'steps',
      eval_steps: e.schedule.eval_steps * updates(e),
      eval_on_start: true,
    }),
  },
  'schedule.save_steps': { args: (e) => ({ save_steps: e.schedule.save_steps * updates(e) }) },
  'evaluation.num_samples': {
    args: ({ evaluation: { num_samples } }) => ({
      num_generations_eval: num_samples,
      per_device_eval_batch_size: num_samples * Math.max(1, Math.floor(64 / num_samples)),
    }),
    note: () =>
      'TRL samples its evaluation; the greedy one is the lab’s: `lab eval --model` with the saved model.',
  },
  'evaluation.temperature': {
    note: ({ evaluation, rollout }) =>
      evaluation.temperature === rollout.temperature
        ? undefined
        : `TRL evaluates at the temperature of training, ${rollout.temperature}.`,
  },
};

/** What holds for every study: float32 as in the lab, and each step logged. */
const ALWAYS = {
  output_dir: 'output',
  bf16: false,
  model_init_kwargs: { dtype: 'float32' },
  logging_steps: 1,
  report_to: 'none',
};

const START = `\`pip install "trl[peft]>=1.16"\` and \`python train.py\`. The settings are in \`config.yaml\`; arguments of GRPOConfig on the
command line are taken instead of them. On a graphics card add \`--use_vllm true\` (with \`pip install "trl[vllm]"\`) to sample faster.
The curves come back with \`lab import output/trainer_state.json --out runs/trl\`.`;

/** @throws Error when the experiment asks for a chat template that the model lacks */
export function trlFiles(study: Study): TextFile[] {
  const schedule = betas(study.experiment);
  const config = { ...ALWAYS, ...argumentsOf(TRL, study) };
  return [
    ...dataFiles(study, ({ problem, prompt, truth }) => ({
      prompt: [{ role: 'user', content: prompt }],
      answer: problem.answer,
      ground_truth: truth,
    })),
    ...rewardFiles(study),
    { path: 'rewards.py', text: rewards },
    { path: 'train.py', text: train },
    { path: 'config.yaml', text: toYaml(config) },
    ...(schedule ? [{ path: 'kl_schedule.json', text: `${JSON.stringify(schedule)}\n` }] : []),
    notesFile('TRL', START, TRL, study),
  ];
}

const toYaml = (settings: Readonly<Record<string, Argument>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}: ${yamlValue(value)}\n`)
    .join('');

/** JSON is YAML, but for a number with an exponent and no point: that is a text to PyYAML. */
const yamlValue = (value: Argument): string => JSON.stringify(value).replace(/^(-?\d+)(e[-+]\d+)$/, '$1.0$2');
