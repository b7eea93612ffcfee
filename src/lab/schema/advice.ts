/** What can be said of an experiment before it runs: settings that contradict each other, and settings to think about. */
import { QUESTION } from '../../tasks/prompts';
import { parseEvalSets, usesDataset } from './eval-sets';
import type { Experiment } from './experiment';
import { parseStages } from './stages';
import { parsePackages } from './tools';
import { parseTargetModules } from './training';

export interface Advice {
  /** The field to change. */
  path: string;
  message: string;
}

export interface Check {
  /** The experiment cannot run like this. */
  errors: Advice[];
  /** It runs; this is what to know. */
  warnings: Advice[];
}

export function checkExperiment(experiment: Experiment): Check {
  const check: Check = { errors: [], warnings: [] };
  const error = (path: string, message: string) => check.errors.push({ path, message });
  const warning = (path: string, message: string) => check.warnings.push({ path, message });
  checkData(experiment, error, warning);
  checkEvalSets(experiment, error);
  checkAdvantage(experiment, error);
  checkKl(experiment, error, warning);
  checkStrategy(experiment, error, warning);
  checkReward(experiment, error, warning);
  checkPrompt(experiment, error, warning);
  checkSft(experiment, error, warning);
  checkTools(experiment, error, warning);
  checkTraining(experiment, error, warning);
  return check;
}

type Say = (path: string, message: string) => void;

function checkData(experiment: Experiment, error: Say, warning: Say): void {
  const { data, sft } = experiment;
  const imported = data.task === 'imported';
  if (imported && data.file === '')
    error(
      'data.file',
      'The task “imported” asks your own questions: name a data set, or choose another task.',
    );
  if (!usesDataset(experiment) && data.file !== '')
    warning(
      'data.file',
      'Not used: to ask its questions, choose the task “imported”; to be evaluated on it, write “imported” among the further sets.',
    );
  if (data.sha256 !== '' && !/^[0-9a-f]{64}$/.test(data.sha256))
    error(
      'data.sha256',
      'A SHA-256 has 64 digits, 0 to 9 and a to f. Leave it empty to take the data set as it is.',
    );
  if (imported && sft.steps > 0 && sft.source !== 'rejection' && sft.source !== 'imported')
    error(
      'sft.source',
      'Imported questions come without demonstrations: choose “rejection” or a file of your own, or 0 SFT steps.',
    );
  if (data.min_level > data.max_level)
    error('data.min_level', `The easiest level lies above the hardest, ${data.max_level}.`);
  if (data.pass_rate_samples > 0 && data.min_pass_rate > data.max_pass_rate)
    error('data.min_pass_rate', `The lowest pass rate lies above the highest, ${data.max_pass_rate}.`);
}

function checkEvalSets({ data, evaluation }: Experiment, error: Say): void {
  const refuse = (message: string) => error('evaluation.eval_dataset', message);
  try {
    for (const { name, source, levels } of parseEvalSets(evaluation.eval_dataset)) {
      const { min_level: min, max_level: max } = data;
      if (source === 'imported' && data.file === '')
        refuse('“imported” is the data set of the section Data: name one there.');
      else if (source === data.task && (!levels || (levels.min === min && levels.max === max)))
        refuse(`“${name}” is what the experiment is about: it is evaluated on it in any case.`);
    }
  } catch (problem) {
    refuse(`The further sets cannot be read: ${(problem as Error).message}.`);
  }
}

function checkAdvantage({ rollout, objective }: Experiment, error: Say): void {
  if (rollout.num_generations === 1 && objective.advantage_estimator !== 'reinforce')
    error(
      'rollout.num_generations',
      `The ${objective.advantage_estimator} advantage compares the responses to one question: it needs at least 2. With 1, choose the reinforce advantage, which compares over the batch.`,
    );
  if (rollout.num_generations * rollout.queries_per_step === 1)
    error('rollout.queries_per_step', 'A batch of one response has nothing to compare it with.');
  if (objective.clip_ratio_c > 0 && objective.clip_ratio_c <= 1)
    error('objective.clip_ratio_c', 'The dual clip must lie above 1 (usually 3), or be 0 for off.');
}

function checkKl({ kl, schedule, rollout, strategy }: Experiment, error: Say, warning: Say): void {
  if (kl.schedule === 'none') return;
  if (kl.schedule === 'adaptive' && kl.horizon === 0)
    error(
      'kl.horizon',
      'The adaptive schedule needs a horizon in samples, usually 10,000; 0 would move β without bound.',
    );
  if (kl.schedule === 'adaptive' && kl.beta === 0)
    error('kl.beta', 'The adaptive schedule multiplies β: from 0 it never moves.');
  if (['linear', 'cosine', 'as_released'].includes(kl.schedule) && kl.horizon > schedule.max_steps)
    warning('kl.horizon', `RL ends at its step ${schedule.max_steps}, before the annealing does.`);
  if (kl.beta === 0 && kl.schedule !== 'adaptive')
    warning('kl.beta', 'β is 0: there is a schedule, but no KL.');
  if (kl.placement === 'both')
    warning(
      'kl.placement',
      'The KL counts twice, in the loss and in the reward. Few mean this: choose one place.',
    );
  if (kl.placement !== 'reward' && kl.estimator === 'k1')
    warning(
      'kl.estimator',
      'k1 in the loss has a gradient that is 0 on average: it adds noise and holds nothing. k3 or k2 do.',
    );
  if (kl.placement === 'reward' && rollout.num_generations > 1 && kl.estimator === 'k3')
    warning('kl.estimator', 'In the reward k1 is the usual and unbiased estimator.');
  if (kl.ref_model_sync_steps > 0 && strategy.replay_steps > 0)
    warning(
      'kl.ref_model_sync_steps',
      'Replayed responses are held to the refreshed reference, not to the one of their time.',
    );
}

function checkStrategy({ strategy, rollout, objective }: Experiment, error: Say, warning: Say): void {
  if (strategy.mini_batches > rollout.queries_per_step)
    error(
      'strategy.mini_batches',
      `A batch of ${rollout.queries_per_step} questions cannot be split into ${strategy.mini_batches} mini-batches: the responses to one question stay together.`,
    );
  const offPolicy = strategy.mini_batches * strategy.num_iterations > 1 || strategy.replay_steps > 0;
  if (offPolicy && (rollout.top_k > 0 || rollout.top_p < 1))
    warning(
      'rollout.top_p',
      'Top-k and top-p change what is sampled, but not the log-probs of the ratio: off-policy they bias it.',
    );
  if (!offPolicy && objective.importance_sampling_level === 'sequence')
    warning(
      'objective.importance_sampling_level',
      'On-policy all ratios are 1: sequence and token ratios are the same.',
    );
}

function checkReward({ reward, rollout, objective }: Experiment, error: Say, warning: Say): void {
  const { output, wrong, format, length, actions, overlong, custom, custom_code, tool_cost } = reward;
  if (custom !== 0 && custom_code.trim() === '')
    error(
      'reward.custom_code',
      'The own reward has a weight but no function. Write one, or set the weight to 0.',
    );
  if (
    output === wrong &&
    [format, length, actions, overlong, custom, tool_cost].every((weight) => weight === 0)
  )
    error('reward.output', 'Every response earns the same: there is nothing to learn from.');
  if (overlong > 0 && reward.overlong_buffer >= rollout.max_completion_length)
    error('reward.overlong_buffer', 'The overlong buffer must be shorter than the response limit.');
  if (overlong > 0 && objective.mask_truncated_completions)
    warning(
      'objective.mask_truncated_completions',
      'Truncated responses carry no loss, so the overlong penalty on them teaches nothing.',
    );
  if (reward.selection !== 'none' && rollout.num_generations < 2)
    error(
      'reward.selection',
      `${reward.selection} compares the responses to one question: it needs at least 2.`,
    );
}

function checkSft({ sft }: Experiment, error: Say, warning: Say): void {
  const imported = sft.source === 'imported';
  if (sft.steps > 0 && imported && sft.file === '')
    error('sft.file', 'The demonstrations are “imported”: name a file of them, or choose others.');
  if (sft.file !== '' && !(sft.steps > 0 && imported))
    warning('sft.file', 'Not used: to learn from it, choose “imported” demonstrations and some SFT steps.');
  if (sft.sha256 !== '' && !/^[0-9a-f]{64}$/.test(sft.sha256))
    error(
      'sft.sha256',
      'A SHA-256 has 64 digits, 0 to 9 and a to f. Leave it empty to take the file as it is.',
    );
  if (sft.steps > 0 && !imported && sft.batch_size > sft.examples)
    warning('sft.batch_size', `A batch of ${sft.batch_size} repeats the ${sft.examples} demonstrations.`);
  if (sft.steps > 0 && sft.only_reflective && sft.source !== 'rejection')
    warning(
      'sft.only_reflective',
      'Only rejection sampling chooses: the other demonstrations are as they are written.',
    );
}

function checkTraining({ model, training, optimizer }: Experiment, error: Say, warning: Say): void {
  if (training.peft === 'none') {
    if (model.dtype === 'int8' || model.dtype === 'int4')
      error(
        'model.dtype',
        `Weights that are trained are kept as float32, alone or beside a float16 copy: choose one of these, or LoRA (training.peft), which leaves them frozen as ${model.dtype}.`,
      );
    return;
  }
  try {
    parseTargetModules(training.lora_target_modules);
  } catch (problem) {
    error(
      'training.lora_target_modules',
      `The LoRA modules cannot be read: ${(problem as Error).message}. Write all-linear, or names with commas between them.`,
    );
  }
  if (optimizer.weight_decay > 0)
    warning(
      'optimizer.weight_decay',
      'Only the adapters decay, towards the base model; its own weights are frozen.',
    );
}

function checkPrompt({ prompt, rollout, schedule }: Experiment, error: Say, warning: Say): void {
  if (prompt.template === 'own' && !prompt.own.includes(QUESTION))
    error('prompt.own', `The own prompt must say where the question goes: write ${QUESTION} in it.`);
  try {
    for (const { limit, until } of parseStages(rollout.context_stages)) {
      if (limit > rollout.max_completion_length)
        error(
          'rollout.context_stages',
          `A stage of ${limit} tokens exceeds the response limit of ${rollout.max_completion_length}.`,
        );
      if (until >= schedule.max_steps)
        warning(
          'rollout.context_stages',
          `A stage until step ${until} leaves no step of ${schedule.max_steps} for the full limit.`,
        );
    }
  } catch (problem) {
    error('rollout.context_stages', `The staged limit cannot be read: ${(problem as Error).message}.`);
  }
}

function checkTools({ tools, reward }: Experiment, error: Say, warning: Say): void {
  const [packages, hashes] = [parsePackages(tools.packages), parsePackages(tools.packages_sha256)];
  if (packages.length > 0 && tools.language !== 'python')
    warning('tools.packages', 'Not used: only the interpreter python has packages.');
  if (
    hashes.length > 0 &&
    (hashes.length !== packages.length || !hashes.every((h) => /^[0-9a-f]{64}$/.test(h)))
  )
    error(
      'tools.packages_sha256',
      'It takes one SHA-256 a package, of 64 digits, 0 to 9 and a to f, with commas between them. Leave it empty to take the packages as they are.',
    );
  if (tools.language === 'none' && reward.tool_cost > 0)
    warning('reward.tool_cost', 'There is no interpreter, so there are no calls to cost anything.');
  if (tools.language !== 'none' && !tools.execute)
    warning(
      'tools.execute',
      'Calls are written and counted, but none is run: the policy is shown no result.',
    );
}
