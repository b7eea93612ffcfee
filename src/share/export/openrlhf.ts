/** A study for OpenRLHF (0.11), which trains on Ray clusters. */
import type { Experiment } from '../../lab/schema';
import { loraOf } from '../../lab/schema/training';
import { COMMON } from './common';
import { dataFiles, furtherFiles } from './data';
import { argumentsOf, notesFile } from './notes';
import reward from './python/openrlhf/reward.py?raw';
import tokens from './python/lab_tokens.py?raw';
import { rewardFiles } from './rewards';
import { launchScript, slug } from './script';
import { batchSizes, promptRoom, unequalParts } from './sizes';
import type { Argument, Mapping, Study, TextFile } from './types';

const hasKl = ({ kl }: Experiment): boolean => kl.schedule !== 'none';
const flag = (name: string, on: boolean) => (on ? { [name]: true } : {});
const summed = ({ objective }: Experiment): boolean =>
  objective.loss_type === 'dr_grpo' || objective.loss_type === 'seq_sum';

export const OPENRLHF: Mapping = {
  ...COMMON,
  name: { args: ({ name }) => ({ 'logger.wandb.run_name': slug(name) }) },
  seed: {
    args: ({ seed }) => ({ 'train.seed': seed }),
    note: () =>
      'Another sampler: the same seed gives other responses, and the run equals the lab’s in distribution only.',
  },
  'rollout.queries_per_step': {
    args: ({ rollout }) => ({ 'rollout.batch_size': rollout.queries_per_step }),
    note: () => 'OpenRLHF goes through the questions in random order; the lab draws each by itself.',
  },
  'rollout.num_generations': {
    args: ({ rollout }) => ({ 'rollout.n_samples_per_prompt': rollout.num_generations }),
  },
  'rollout.max_completion_length': {
    args: ({ rollout }, study) => ({
      'rollout.max_new_tokens': rollout.max_completion_length,
      'data.max_len': promptRoom(study) + rollout.max_completion_length,
    }),
  },
  'rollout.temperature': { args: ({ rollout }) => ({ 'rollout.temperature': rollout.temperature }) },
  'rollout.top_p': { args: ({ rollout }) => ({ 'rollout.top_p': rollout.top_p }) },
  'rollout.dynamic_sampling': {
    args: ({ rollout }) => flag('algo.dynamic_filtering_enable', rollout.dynamic_sampling > 0),
    note: ({ rollout }) =>
      rollout.dynamic_sampling > 0
        ? 'OpenRLHF leaves out the groups that are all right or all wrong, and asks until the batch is full.'
        : undefined,
  },
  'objective.advantage_estimator': {
    args: ({ objective: { advantage_estimator, scale_rewards } }) => ({
      'algo.advantage.estimator':
        advantage_estimator === 'group'
          ? { group: 'group_norm', batch: 'reinforce_baseline', none: 'dr_grpo' }[scale_rewards]
          : advantage_estimator,
    }),
    note: ({ objective: { advantage_estimator } }) =>
      advantage_estimator === 'group'
        ? 'OpenRLHF adds 1e-9 to the std of a group, the lab and TRL 1e-4.'
        : undefined,
  },
  'objective.scale_rewards': {
    file: 'with the estimator',
    note: ({ objective: { advantage_estimator, scale_rewards } }) =>
      advantage_estimator === 'group' && scale_rewards === 'batch'
        ? 'Taken as reinforce_baseline: whitened over the tokens of the batch.'
        : undefined,
  },
  'objective.importance_sampling_level': {
    args: ({ objective }) => ({
      'actor.policy_loss_type': objective.importance_sampling_level === 'sequence' ? 'gspo' : 'ppo',
    }),
  },
  'objective.epsilon': {
    args: ({ objective: { epsilon, epsilon_high } }) => ({
      'actor.eps_clip_low_high': [epsilon, epsilon_high || epsilon],
    }),
  },
  'objective.epsilon_high': { file: 'with ε' },
  'objective.clip_ratio_c': {
    args: ({ objective: { clip_ratio_c } }) => (clip_ratio_c > 0 ? { 'actor.dual_clip': clip_ratio_c } : {}),
  },
  'objective.loss_type': {
    args: ({ objective }) => ({
      'actor.loss_agg_mode': objective.loss_type === 'grpo' ? 'seq-mean-token-mean' : 'token-mean',
    }),
    note: (e) =>
      summed(e)
        ? 'OpenRLHF does not sum over a response: token-mean also weighs all tokens alike, but divides by their number, which changes from batch to batch.'
        : undefined,
  },
  'objective.entropy_coef': {
    args: ({ objective: { entropy_coef } }) =>
      entropy_coef > 0 ? { 'actor.entropy_coef': entropy_coef } : {},
  },
  'kl.schedule': {
    note: ({ kl }) =>
      ['linear', 'cosine', 'as_released'].includes(kl.schedule)
        ? 'OpenRLHF does not anneal β: it stays.'
        : undefined,
  },
  'kl.beta': { args: (e) => ({ 'algo.kl.init_coef': hasKl(e) ? e.kl.beta : 0 }) },
  'kl.horizon': {
    args: ({ kl }) => (kl.schedule === 'adaptive' ? { 'algo.kl.horizon': kl.horizon } : {}),
  },
  'kl.target': { args: ({ kl }) => (kl.schedule === 'adaptive' ? { 'algo.kl.target': kl.target } : {}) },
  'kl.estimator': { args: (e) => (hasKl(e) ? { 'algo.kl.estimator': e.kl.estimator } : {}) },
  'kl.placement': {
    args: (e) => flag('algo.kl.use_loss', hasKl(e) && e.kl.placement !== 'reward'),
    note: (e) => {
      if (!hasKl(e) || e.kl.placement === 'loss') return undefined;
      return e.kl.placement === 'both'
        ? 'OpenRLHF has the KL in one place: it is in the loss.'
        : 'OpenRLHF takes the KL off token by token, after the baseline; the lab off the whole reward, before it.';
    },
  },
  'strategy.mini_batches': {
    args: (e, study) => {
      const { update, micro } = batchSizes(e, study);
      return {
        'train.batch_size': update,
        'train.micro_batch_size': micro,
        'rollout.micro_batch_size': micro,
      };
    },
    note: unequalParts,
  },
  'strategy.num_iterations': { args: ({ strategy }) => ({ 'train.max_epochs': strategy.num_iterations }) },
  'training.peft': { file: 'with the LoRA rank' },
  'training.lora_r': {
    args: ({ training }) => {
      const lora = loraOf(training);
      return lora ? { 'ds.lora.rank': lora.r, 'ds.lora.dropout': 0 } : {};
    },
  },
  'training.lora_alpha': { args: ({ training }) => ({ 'ds.lora.alpha': loraOf(training)?.alpha }) },
  'training.lora_target_modules': {
    args: ({ training }) => ({ 'ds.lora.target_modules': loraOf(training)?.targetModules }),
  },
  'training.gradient_checkpointing': {
    args: ({ training }) => flag('actor.gradient_checkpointing_enable', training.gradient_checkpointing),
  },
  'optimizer.learning_rate': {
    args: ({ optimizer }) => ({
      'actor.adam.lr': optimizer.learning_rate,
      'actor.lr_scheduler': 'constant_with_warmup',
    }),
  },
  'optimizer.warmup_steps': {
    args: ({ optimizer, schedule }) => ({
      'actor.lr_warmup_ratio': Math.min(1, optimizer.warmup_steps / schedule.max_steps),
    }),
    note: ({ optimizer }) => (optimizer.warmup_steps > 0 ? 'The warm-up begins at 0.' : undefined),
  },
  'optimizer.adam_beta1': {
    args: ({ optimizer }) => ({ 'actor.adam.betas': [optimizer.adam_beta1, optimizer.adam_beta2] }),
  },
  'optimizer.adam_beta2': { file: 'with Adam β₁' },
  'optimizer.weight_decay': {
    args: ({ optimizer }) => ({ 'actor.adam.weight_decay': optimizer.weight_decay }),
  },
  'optimizer.max_grad_norm': { args: ({ optimizer }) => ({ 'actor.max_norm': optimizer.max_grad_norm }) },
  'schedule.max_steps': {
    args: ({ schedule, rollout }, { questions }) => {
      const asked = schedule.max_steps * rollout.queries_per_step;
      const episodes = Math.ceil(asked / questions.train.length);
      return { 'train.num_episodes': episodes, 'data.max_samples': Math.ceil(asked / episodes) };
    },
    note: () => 'OpenRLHF counts episodes: so many over so many questions make about these steps.',
  },
  'schedule.eval_steps': { args: ({ schedule }) => ({ 'eval.steps': schedule.eval_steps }) },
  'schedule.save_steps': { args: ({ schedule }) => ({ 'ckpt.save_steps': schedule.save_steps }) },
  'evaluation.num_samples': {
    args: ({ evaluation }) => ({ 'eval.n_samples_per_prompt': evaluation.num_samples }),
  },
  'evaluation.temperature': { args: ({ evaluation }) => ({ 'eval.temperature': evaluation.temperature }) },
};

/** What holds for every study: one graphics card for everything. */
const ALWAYS = {
  'actor.model_name_or_path': '$PWD/model',
  'reward.remote_url': '$PWD/reward.py',
  'data.prompt_dataset': '$PWD/data/train.jsonl',
  'eval.dataset': '$PWD/data/test.jsonl',
  'data.input_key': 'prompt',
  'data.label_key': 'label',
  'ckpt.output_dir': '$PWD/output',
  'ckpt.path': '$PWD/checkpoints',
  'logger.tensorboard_dir': '$PWD/logs',
  'actor.num_gpus_per_node': 1,
  'ref.num_gpus_per_node': 1,
  'vllm.num_engines': 1,
  'train.colocate_all': true,
};

const START = `\`pip install "openrlhf[vllm]==0.11.*"\` and \`bash run.sh\`, with further arguments behind it. OpenRLHF computes in bf16.
The arguments were checked against OpenRLHF’s parser, not run: that takes a graphics card.`;

/** @throws Error when the experiment asks for a chat template that the model lacks */
export function openrlhfFiles(study: Study): TextFile[] {
  const further = furtherFiles(study).map(({ file }) => `$PWD/data/${file}.jsonl`);
  const args = {
    ...ALWAYS,
    ...argumentsOf(OPENRLHF, study),
    'eval.dataset': [ALWAYS['eval.dataset'], ...further].join(','),
  };
  return [
    ...dataFiles(study, ({ prompt, truth, set }) => ({ prompt, label: truth, datasource: set })),
    ...rewardFiles(study),
    { path: 'lab_tokens.py', text: tokens },
    { path: 'reward.py', text: reward },
    {
      path: 'run.sh',
      text: launchScript('python3 -m openrlhf.cli.train_ppo_ray', args, shellArgument),
    },
    notesFile('OpenRLHF', START, OPENRLHF, study),
  ];
}

/** A flag stands alone, numbers beside each other; double quotes let `$PWD` be filled in. */
function shellArgument(name: string, value: Argument): string {
  if (value === true) return `--${name}`;
  return `--${name} ${[value]
    .flat()
    .map((v) => (typeof v === 'string' ? `"${v}"` : JSON.stringify(v)))
    .join(' ')}`;
}
