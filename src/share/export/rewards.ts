/** The reward of a study in Python: the lab's checkers and terms, and their weights beside them. */
import { stepSettings } from '../../lab/step-settings';
import checker from './python/lab_checker.py?raw';
import reward from './python/lab_reward.py?raw';
import type { Study, TextFile } from './types';

/** `reward.json`, as `python/lab_reward.py` reads it. */
export function rewardSettings({ experiment, config }: Study): object {
  const { reward, rollout } = experiment;
  const { stopStrings, reward: engine } = stepSettings(experiment, Infinity, { encodePrompt: () => [] });
  return {
    output: reward.output,
    wrong: reward.wrong,
    format: reward.format,
    require_format: reward.require_format,
    length: reward.length,
    actions: reward.actions,
    action_words: engine.actionWords,
    overlong: reward.overlong,
    overlong_buffer: reward.overlong_buffer,
    max_completion_length: rollout.max_completion_length,
    stop: stopStrings,
    eos_token_ids: config.eosTokenIds,
  };
}

/** A person's own function comes along as it is: it has to be written anew in Python. */
export function rewardFiles(study: Study): TextFile[] {
  const { custom, custom_code } = study.experiment.reward;
  return [
    { path: 'lab_checker.py', text: checker },
    { path: 'lab_reward.py', text: reward },
    { path: 'reward.json', text: `${JSON.stringify(rewardSettings(study), null, 2)}\n` },
    ...(custom === 0 ? [] : [{ path: 'custom_reward.js', text: custom_code }]),
  ];
}
