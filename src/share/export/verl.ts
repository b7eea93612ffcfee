/** A study for verl (0.9), which trains on Ray clusters. */
import type { Experiment } from '../../lab/schema';
import { loraOf } from '../../lab/schema/training';
import { COMMON } from './common';
import { dataFiles, furtherFiles } from './data';
import { argumentsOf, notesFile } from './notes';
import tokens from './python/lab_tokens.py?raw';
import reward from './python/verl/reward.py?raw';
import { rewardFiles } from './rewards';
import { launchScript, slug } from './script';
import { batchSizes, largestDivisor, miniBatches, promptRoom, unequalParts } from './sizes';
import type { Argument, Mapping, Study, TextFile } from './types';

const ACTOR = 'actor_rollout_ref.actor';
const ROLLOUT = 'actor_rollout_ref.rollout';
const MODEL = 'actor_rollout_ref.model';

/** verl always clips twice: so high a bound is never reached. */
const NO_DUAL_CLIP = 1e6;

const KL_TYPES = { k1: 'kl', k2: 'mse', k3: 'low_var_kl' } as const;
const inLoss = ({ kl }: Experiment): boolean => kl.schedule !== 'none' && kl.placement !== 'reward';
const inReward = ({ kl }: Experiment): boolean => kl.schedule !== 'none' && kl.placement !== 'loss';

export const VERL: Mapping = {
  ...COMMON,
  name: { args: ({ name }) => ({ 'trainer.project_name': 'lab', 'trainer.experiment_name': slug(name) }) },
  seed: {
    args: ({ seed }) => ({ 'data.seed': seed, [`${ROLLOUT}.seed`]: seed }),
    note: () =>
      'Another sampler: the same seed gives other responses, and the run equals the lab’s in distribution only.',
  },
  'rollout.queries_per_step': {
    args: ({ rollout }, study) => {
      const micro = largestDivisor(batchSizes(study.experiment, study).update, 128);
      return {
        'data.train_batch_size': rollout.queries_per_step,
        'data.max_prompt_length': promptRoom(study),
        [`${ROLLOUT}.log_prob_micro_batch_size_per_gpu`]: micro,
        'actor_rollout_ref.ref.log_prob_micro_batch_size_per_gpu': micro,
      };
    },
    note: () => 'verl goes through the questions in random order; the lab draws each by itself.',
  },
  'rollout.num_generations': { args: ({ rollout }) => ({ [`${ROLLOUT}.n`]: rollout.num_generations }) },
  'rollout.max_completion_length': {
    args: ({ rollout }) => ({ 'data.max_response_length': rollout.max_completion_length }),
    note: () =>
      'verl passes the reward a text only: it is tokenised again, and a response as long as the limit counts as cut.',
  },
  'rollout.temperature': { args: ({ rollout }) => ({ [`${ROLLOUT}.temperature`]: rollout.temperature }) },
  'rollout.top_k': { args: ({ rollout }) => ({ [`${ROLLOUT}.top_k`]: rollout.top_k || -1 }) },
  'rollout.top_p': { args: ({ rollout }) => ({ [`${ROLLOUT}.top_p`]: rollout.top_p }) },
  'rollout.dynamic_sampling': {
    args: ({ rollout: { dynamic_sampling } }) =>
      dynamic_sampling > 0
        ? {
            'algorithm.filter_groups.enable': true,
            'algorithm.filter_groups.metric': 'reward',
            'algorithm.filter_groups.max_num_gen_batches': dynamic_sampling + 1,
          }
        : {},
    note: ({ rollout }) =>
      rollout.dynamic_sampling > 0
        ? 'After the last round the lab learns from what it has; verl needs a full batch.'
        : undefined,
  },
  'rollout.max_num_seqs': {
    args: ({ rollout }) => ({ [`${ROLLOUT}.max_num_seqs`]: rollout.max_num_seqs }),
  },
  'objective.advantage_estimator': {
    args: ({ objective }) => ({
      'algorithm.adv_estimator': {
        group: 'grpo',
        rloo: 'rloo',
        reinforce: 'reinforce_plus_plus',
        reinforce_baseline: 'reinforce_plus_plus_baseline',
      }[objective.advantage_estimator],
    }),
    note: ({ objective }) =>
      objective.advantage_estimator === 'group'
        ? 'verl adds 1e-6 to the std of a group, the lab and TRL 1e-4.'
        : undefined,
  },
  'objective.scale_rewards': {
    args: ({ objective }) => ({
      'algorithm.norm_adv_by_std_in_grpo': objective.scale_rewards !== 'none',
    }),
    note: ({ objective }) =>
      objective.advantage_estimator === 'group' && objective.scale_rewards === 'batch'
        ? 'verl divides by the std of the group.'
        : undefined,
  },
  'objective.importance_sampling_level': {
    args: ({ objective }) => ({
      [`${ACTOR}.policy_loss.loss_mode`]:
        objective.importance_sampling_level === 'sequence' ? 'gspo' : 'vanilla',
    }),
    note: ({ objective }) =>
      objective.importance_sampling_level === 'sequence' && objective.loss_type !== 'grpo'
        ? 'verl’s GSPO takes the mean over tokens, then over responses, whatever the aggregation.'
        : undefined,
  },
  'objective.epsilon': {
    args: ({ objective: { epsilon } }) => ({
      [`${ACTOR}.clip_ratio`]: epsilon,
      [`${ACTOR}.clip_ratio_low`]: epsilon,
    }),
  },
  'objective.epsilon_high': {
    args: ({ objective }) => ({ [`${ACTOR}.clip_ratio_high`]: objective.epsilon_high || objective.epsilon }),
  },
  'objective.clip_ratio_c': {
    args: ({ objective }) => ({ [`${ACTOR}.clip_ratio_c`]: objective.clip_ratio_c || NO_DUAL_CLIP }),
  },
  'objective.loss_type': {
    args: ({ objective }) => ({
      [`${ACTOR}.loss_agg_mode`]: {
        grpo: 'seq-mean-token-mean',
        dapo: 'token-mean',
        dr_grpo: 'seq-mean-token-sum-norm',
        seq_sum: 'seq-mean-token-sum',
      }[objective.loss_type],
    }),
  },
  'objective.loss_scale_length': {
    args: ({ objective }) =>
      objective.loss_type === 'dr_grpo'
        ? { [`${ACTOR}.loss_scale_factor`]: Math.round(objective.loss_scale_length) }
        : {},
    note: ({ objective: { loss_type, loss_scale_length } }) =>
      loss_type === 'dr_grpo' && !Number.isInteger(loss_scale_length)
        ? 'verl takes a whole number.'
        : undefined,
  },
  'objective.entropy_coef': {
    args: ({ objective }) => ({ [`${ACTOR}.entropy_coeff`]: objective.entropy_coef }),
  },
  'kl.schedule': {
    args: (e) =>
      inReward(e) ? { 'algorithm.kl_ctrl.type': e.kl.schedule === 'adaptive' ? 'adaptive' : 'fixed' } : {},
    note: (e) => {
      if (['linear', 'cosine', 'as_released'].includes(e.kl.schedule))
        return 'verl does not anneal β: it stays.';
      return e.kl.schedule === 'adaptive' && inLoss(e)
        ? 'verl adapts β in the reward only: in the loss it stays.'
        : undefined;
    },
  },
  'kl.beta': {
    args: ({ kl }, { experiment }) => ({
      ...(inLoss(experiment) && { [`${ACTOR}.kl_loss_coef`]: kl.beta }),
      ...(inReward(experiment) && { 'algorithm.kl_ctrl.kl_coef': kl.beta }),
    }),
  },
  'kl.horizon': {
    args: (e) =>
      inReward(e) && e.kl.schedule === 'adaptive' ? { 'algorithm.kl_ctrl.horizon': e.kl.horizon } : {},
  },
  'kl.target': {
    args: (e) =>
      inReward(e) && e.kl.schedule === 'adaptive' ? { 'algorithm.kl_ctrl.target_kl': e.kl.target } : {},
  },
  'kl.estimator': {
    args: (e) => ({
      ...(inLoss(e) && { [`${ACTOR}.kl_loss_type`]: KL_TYPES[e.kl.estimator] }),
      ...(inReward(e) && { 'algorithm.kl_penalty': KL_TYPES[e.kl.estimator] }),
    }),
    note: (e) =>
      inReward(e) ? 'verl takes the KL off token by token, the lab off the whole reward.' : undefined,
  },
  'kl.placement': {
    args: (e) => ({ [`${ACTOR}.use_kl_loss`]: inLoss(e), 'algorithm.use_kl_in_reward': inReward(e) }),
  },
  'strategy.mini_batches': {
    args: (e, study) => ({
      [`${ACTOR}.ppo_mini_batch_size`]: e.rollout.queries_per_step / miniBatches(e),
      [`${ACTOR}.ppo_micro_batch_size_per_gpu`]: batchSizes(e, study).micro,
    }),
    note: unequalParts,
  },
  'strategy.num_iterations': {
    args: ({ strategy }) => ({ [`${ACTOR}.ppo_epochs`]: strategy.num_iterations }),
  },
  'training.peft': {
    // vLLM must hold the base weights before adapters come.
    args: ({ training }) => (training.peft === 'lora' ? { [`${ROLLOUT}.load_format`]: 'safetensors' } : {}),
  },
  'training.lora_r': { args: ({ training }) => ({ [`${MODEL}.lora_rank`]: loraOf(training)?.r }) },
  'training.lora_alpha': { args: ({ training }) => ({ [`${MODEL}.lora_alpha`]: loraOf(training)?.alpha }) },
  'training.lora_target_modules': {
    args: ({ training }) => ({ [`${MODEL}.target_modules`]: loraOf(training)?.targetModules }),
  },
  'training.gradient_checkpointing': {
    args: ({ training }) => ({
      [`${MODEL}.enable_gradient_checkpointing`]: training.gradient_checkpointing,
    }),
  },
  'optimizer.learning_rate': {
    args: ({ optimizer }) => ({
      [`${ACTOR}.optim.lr`]: optimizer.learning_rate,
      [`${ACTOR}.optim.lr_scheduler_type`]: 'constant',
    }),
  },
  'optimizer.warmup_steps': {
    args: ({ optimizer }) => ({ [`${ACTOR}.optim.lr_warmup_steps`]: optimizer.warmup_steps }),
    note: ({ optimizer }) => (optimizer.warmup_steps > 0 ? 'verl’s warm-up begins at 0.' : undefined),
  },
  'optimizer.adam_beta1': {
    args: ({ optimizer }) => ({ [`${ACTOR}.optim.betas`]: [optimizer.adam_beta1, optimizer.adam_beta2] }),
  },
  'optimizer.adam_beta2': { file: 'with Adam β₁' },
  'optimizer.weight_decay': {
    args: ({ optimizer }) => ({ [`${ACTOR}.optim.weight_decay`]: optimizer.weight_decay }),
  },
  'optimizer.max_grad_norm': {
    args: ({ optimizer }) => ({ [`${ACTOR}.grad_clip`]: optimizer.max_grad_norm || NO_DUAL_CLIP }),
  },
  'schedule.max_steps': {
    args: ({ schedule, rollout }, { questions }) => ({
      'trainer.total_training_steps': schedule.max_steps,
      'trainer.total_epochs': Math.ceil(
        schedule.max_steps / Math.max(1, Math.floor(questions.train.length / rollout.queries_per_step)),
      ),
    }),
  },
  'schedule.eval_steps': {
    args: ({ schedule }) => ({ 'trainer.test_freq': schedule.eval_steps, 'trainer.val_before_train': true }),
  },
  'schedule.save_steps': { args: ({ schedule }) => ({ 'trainer.save_freq': schedule.save_steps }) },
  'evaluation.num_samples': {
    args: ({ evaluation }) => ({
      [`${ROLLOUT}.val_kwargs.n`]: evaluation.num_samples,
      [`${ROLLOUT}.val_kwargs.do_sample`]: true,
    }),
    note: () => 'verl samples its evaluation; for the greedy one set do_sample=False and n=1.',
  },
  'evaluation.temperature': {
    args: ({ evaluation }) => ({ [`${ROLLOUT}.val_kwargs.temperature`]: evaluation.temperature }),
  },
};

/** What holds for every study: one machine with one graphics card, float32 as in the lab, metrics as JSON lines. */
const ALWAYS = {
  'data.train_files': '$PWD/data/train.jsonl',
  'data.val_files': '$PWD/data/test.jsonl',
  'actor_rollout_ref.model.path': '$PWD/model',
  'reward.custom_reward_function.path': '$PWD/reward.py',
  'reward.custom_reward_function.name': 'compute_score',
  [`${ROLLOUT}.name`]: 'vllm',
  [`${ROLLOUT}.tensor_model_parallel_size`]: 1,
  [`${ROLLOUT}.dtype`]: 'float32',
  [`${ACTOR}.fsdp_config.dtype`]: 'float32',
  'trainer.logger': '["console","file"]',
  'trainer.n_gpus_per_node': 1,
  'trainer.nnodes': 1,
};

const START = `\`pip install "verl==0.9.*" vllm\` and \`bash run.sh\`, with further arguments behind it, for instance
\`trainer.n_gpus_per_node=8 trainer.nnodes=4\`. Sizes of batches count questions, but micro-batches, which count responses.
The curves come back with \`lab import metrics.jsonl --out runs/verl\`. The arguments were checked against verl’s configuration
schema, not run: that takes a graphics card.`;

/** @throws Error when the experiment asks for a chat template that the model lacks */
export function verlFiles(study: Study): TextFile[] {
  const further = furtherFiles(study).map(({ file }) => `$PWD/data/${file}.jsonl`);
  const files = further.length > 0 && { 'data.val_files': [ALWAYS['data.val_files'], ...further] };
  const args = { ...ALWAYS, ...argumentsOf(VERL, study), ...files };
  return [
    ...dataFiles(study, ({ split, index, problem, prompt, truth, set }) => ({
      data_source: set,
      prompt: [{ role: 'user', content: prompt }],
      ability: 'math',
      reward_model: { style: 'rule', ground_truth: truth },
      extra_info: { split, index, question: problem.prompt, answer: problem.answer },
    })),
    ...rewardFiles(study),
    { path: 'lab_tokens.py', text: tokens },
    { path: 'reward.py', text: reward },
    {
      path: 'run.sh',
      text: launchScript(
        'VERL_FILE_LOGGER_PATH="$PWD/metrics.jsonl" python3 -m verl.trainer.main_ppo',
        args,
        hydraArgument,
      ),
    },
    notesFile('verl', START, VERL, study),
  ];
}

/** In double quotes, so that `$PWD` is filled in; no value holds what a shell would read otherwise. */
const hydraArgument = (name: string, value: Argument): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `"${name}=${text.replaceAll('"', "'")}"`;
};
