/** What is said alike in every framework: questions, prompt, reward and model are files; and what none of them has. */
import type { Mapping, Rule } from './types';

const DATA: Rule = { file: 'data/' };
const REWARD: Rule = { file: 'reward.json' };

export const COMMON: Mapping = {
  'model.path': {
    file: 'model/',
    note: () =>
      '`model/` has a chat template that passes the text through, because `data/` holds whole prompts. transformers 5 gives a Qwen2 model Qwen’s own tokenizer where `AutoTokenizer` is asked; a model with another one needs `PreTrainedTokenizerFast`, or transformers 4.',
  },
  'model.dtype': {
    file: 'model/',
    note: ({ model, training }) => {
      if (model.dtype === 'float32') return undefined;
      return training.peft === 'none'
        ? `The lab trained the weights in float32 and computed with a ${model.dtype} copy of them; \`model/\` holds them in float32, and the script computes with them as they are.`
        : `The lab kept the frozen weights as ${model.dtype}; \`model/\` holds them whole, and the script computes with them in float32. bitsandbytes' nearest are load_in_8bit and load_in_4bit.`;
    },
  },
  'data.task': { file: 'data/, and how it is checked in lab_checker.py' },
  'data.file': DATA,
  'data.sha256': DATA,
  'data.min_level': DATA,
  'data.max_level': DATA,
  'data.pass_rate_samples': {
    file: 'data/',
    note: ({ data }) =>
      data.pass_rate_samples === 0
        ? undefined
        : '`data/train.jsonl` holds what the filter of the run kept; of an experiment that was never run it holds all questions.',
  },
  'prompt.template': DATA,
  'prompt.own': DATA,
  'prompt.stop': {
    file: 'reward.json',
    note: ({ prompt }) =>
      prompt.stop.trim() === ''
        ? undefined
        : 'The reward reads a response up to its first stop string, but the sampler writes on until the end-of-sequence token.',
  },
  'reward.output': REWARD,
  'reward.wrong': REWARD,
  'reward.format': REWARD,
  'reward.require_format': REWARD,
  'reward.length': REWARD,
  'reward.actions': REWARD,
  'reward.action_words': REWARD,
  'reward.overlong': REWARD,
  'reward.overlong_buffer': REWARD,
  'reward.custom': {
    note: ({ reward }) =>
      reward.custom === 0
        ? undefined
        : 'The own reward is JavaScript. It is in `custom_reward.js` and counts nothing here until it is written in Python, as a further term of `judge` in `lab_reward.py`.',
  },
  'rollout.max_num_seqs': { file: 'the sampler’s own' },
  'training.micro_batch_tokens': { file: 'the micro-batch, which counts responses' },
  'evaluation.split': DATA,
  'evaluation.problems': DATA,
  'evaluation.eval_dataset': { file: 'data/eval-….jsonl, one file a set' },
  'sft.steps': {
    note: ({ sft }) =>
      sft.steps === 0
        ? undefined
        : 'The cold start is not part of this run. Export the run’s checkpoint after it instead of the base model, or fine-tune `model/` first.',
  },
};
