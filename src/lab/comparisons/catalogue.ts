/**
 * The experiments of the study (arXiv 2503.04548) at the tiny model's scale. Coefficients are scaled: what is 1e-3 for a model
 * of 7 billion parameters over thousands of tokens is 1 here; the arms keep the paper's names.
 */
import type { ExperimentInput } from '../schema';
import type { Comparison } from './types';

/** Half the rollouts of `aha` and two thirds of its steps: the arms part, and a run takes minutes on a processor. */
const SHORT: ExperimentInput = {
  rollout: { queries_per_step: 8, num_generations: 8 },
  schedule: { max_steps: 40, eval_steps: 20, save_steps: 10 },
  evaluation: { problems: 200 },
};
const ACCURACY = 'eval/sampled/accuracy';
const LENGTH = 'eval/sampled/mean_length';
const COMPLETION = 'eval/sampled/completion_ratio';
const REFLECTION = 'eval/sampled/keywords/any';

/** Enough updates for the tiny model to write calls as it should. */
const TOOL_START: ExperimentInput['sft'] = { steps: 100, learning_rate: 2e-3, source: 'reflective' };
const CALCULATOR: ExperimentInput['tools'] = { language: 'calculator', max_calls: 12 };
const TOOL_ARMS: Comparison['arms'] = [
  { name: 'no tool', changes: {} },
  { name: 'tool', changes: { tools: CALCULATOR } },
  { name: 'calls cost', changes: { tools: CALCULATOR, reward: { tool_cost: 0.02 } } },
  { name: 'not run', changes: { tools: { ...CALCULATOR, execute: false } } },
];

/** R_c of section 4.2: +1 for a right, −1 for a wrong response. */
const PLUS_MINUS = { output: 1, wrong: -1 };

export const COMPARISONS: Readonly<Record<string, Comparison>> = {
  'on-off-policy': {
    title: 'On-policy against off-policy',
    question: 'Does it matter that every update uses responses of the current policy?',
    base: SHORT,
    arms: [
      { name: 'on-policy', changes: {} },
      { name: 'off-policy', changes: { strategy: { mini_batches: 4, num_iterations: 2 } } },
      { name: 'replay', changes: { strategy: { replay_steps: 4, replay_ratio: 1 } } },
    ],
    findings: [
      finding(
        LENGTH,
        'on-policy',
        'off-policy',
        'Off-policy responses stop growing: about 930 tokens against 1,400 at step 250 (3.1).',
      ),
      finding(ACCURACY, 'on-policy', 'off-policy', 'On-policy learning explores more and does better (3.1).'),
    ],
  },
  kl: {
    title: 'KL: none, fixed, annealed',
    question: 'Should the policy be held to the model it came from?',
    base: SHORT,
    arms: [
      { name: 'no KL', changes: {} },
      { name: 'fixed', changes: { kl: { schedule: 'fixed', beta: 1 } } },
      { name: 'cosine to 0', changes: { kl: { schedule: 'cosine', beta: 1 } } },
    ],
    findings: [
      finding(
        LENGTH,
        'cosine to 0',
        'fixed',
        'Annealed KL gives the longest responses: about 2,800 tokens against 1,100 to 1,670 at step 500 (3.1).',
      ),
      finding(ACCURACY, 'cosine to 0', 'fixed', 'Annealing the KL coefficient is best (3.1).'),
      finding(ACCURACY, 'cosine to 0', 'no KL', 'Annealing the KL coefficient is best (3.1).'),
    ],
  },
  temperature: {
    title: 'Temperature',
    question: 'How hot should the policy sample?',
    base: SHORT,
    arms: [
      { name: 'T 0.6', changes: { rollout: { temperature: 0.6 } } },
      { name: 'T 1.0', changes: {} },
      { name: 'T 1.2', changes: { rollout: { temperature: 1.2 } } },
    ],
    findings: [
      finding(
        'eval/greedy/accuracy',
        'T 1.2',
        'T 0.6',
        'A low temperature earns early and stalls; 1.2 is best while the text is not gibberish (3.1).',
      ),
    ],
  },
  'length-reward': {
    title: 'Rewarding length',
    question: 'What happens when length itself is rewarded, rather than left to arise?',
    base: { ...SHORT, reward: PLUS_MINUS },
    arms: [
      { name: 'R_c', changes: {} },
      { name: 'RRL', changes: { reward: { length: 1 } } },
      { name: 'RRA', changes: { reward: { actions: 1 } } },
      { name: 'QS', changes: { reward: { selection: 'QS' } } },
      { name: 'RS', changes: { reward: { selection: 'RS' } } },
      { name: 'ORM', changes: { objective: { mask_truncated_completions: true } } },
    ],
    findings: [
      finding(LENGTH, 'RRL', 'R_c', 'All variants lengthen the responses, RRL the most (4.2).'),
      finding(LENGTH, 'RRL', 'ORM', 'RRL lengthens the most, ORM the least (4.2).'),
      finding(
        ACCURACY,
        'R_c',
        'RRL',
        'Accuracy falls for all but RRA: rewarding length is reward hacking (4.2).',
      ),
      finding(COMPLETION, 'R_c', 'RRL', 'The completion ratio falls (4.2).'),
    ],
  },
  'cold-start': {
    title: 'Cold start against zero',
    question: 'Is it worth showing the model how to reflect before it learns by reward?',
    base: SHORT,
    arms: [
      { name: 'zero', changes: {} },
      { name: 'cold start', changes: { sft: { steps: 10, source: 'reflective' } } },
    ],
    findings: [
      finding(LENGTH, 'cold start', 'zero', 'After a cold start the model begins with long responses (4.1).'),
      finding(ACCURACY, 'cold start', 'zero', 'A distilled start is longer and better (4.1).'),
    ],
  },
  baseline: {
    title: 'The baseline',
    question: 'What does the outcome reward alone do?',
    base: SHORT,
    arms: [{ name: 'baseline', changes: {} }],
    findings: [],
  },
  rollouts: {
    title: 'Rollouts per query',
    question: 'Do more answers to each question help?',
    base: SHORT,
    arms: [4, 8, 16].map((n) => ({ name: `n ${n}`, changes: { rollout: { num_generations: n } } })),
    findings: [
      finding(ACCURACY, 'n 16', 'n 4', 'More rollouts (64 against 8) do better (3.1).'),
      finding(LENGTH, 'n 16', 'n 4', 'More rollouts give longer responses (3.1).'),
    ],
  },
  'model-size': {
    title: 'Model sizes',
    question: 'Does what RL brings out have a threshold of size?',
    base: SHORT,
    arms: [
      { name: '36k', changes: { model: { path: 'tiny-countdown-36k' } } },
      { name: '136k', changes: {} },
    ],
    findings: [
      finding(LENGTH, '136k', '36k', 'Small models explore less (3.1).'),
      finding(ACCURACY, '136k', '36k', 'Larger models do better (3.1).'),
    ],
  },
  'batch-size': {
    title: 'Train batch size',
    question: 'How many questions belong in one step?',
    base: SHORT,
    arms: [4, 8, 16].map((q) => ({ name: `TBS ${q}`, changes: { rollout: { queries_per_step: q } } })),
    findings: [
      finding(
        ACCURACY,
        'TBS 16',
        'TBS 4',
        'A larger train batch (1,024 against 128) is faster and steadier (3.1).',
      ),
    ],
  },
  entropy: {
    title: 'Entropy bonus',
    question: 'Can a bonus keep the policy exploring?',
    base: SHORT,
    arms: [
      { name: 'no bonus', changes: {} },
      { name: 'too small', changes: { objective: { entropy_coef: 0.001 } } },
      { name: 'too large', changes: { objective: { entropy_coef: 0.1 } } },
    ],
    findings: [
      finding(ACCURACY, 'no bonus', 'too large', 'Too large a bonus destabilises (3.2, figure 9).'),
      finding('entropy', 'too large', 'no bonus', 'A bonus holds the entropy up (3.2, figure 9).'),
    ],
  },
  'staged-context': {
    title: 'Staged context limit',
    question: 'Should the limit on responses grow with them?',
    base: SHORT,
    arms: [
      { name: 'full limit', changes: {} },
      { name: 'staged', changes: { rollout: { context_stages: '48 until 15, 96 until 30' } } },
    ],
    findings: [],
  },
  'reference-refresh': {
    title: 'Refreshing the reference',
    question: 'Does a reference that follows the policy free it?',
    base: { ...SHORT, kl: { schedule: 'fixed', beta: 1 } },
    arms: [
      { name: 'fixed reference', changes: {} },
      { name: 'refreshed', changes: { kl: { ref_model_sync_steps: 10 } } },
    ],
    findings: [
      finding(LENGTH, 'refreshed', 'fixed reference', 'Replacing the reference lets training go on (4.3).'),
    ],
  },
  'kl-as-released': {
    title: 'KL annealing as released',
    question: 'What did the authors’ code, which adds the constant twice, really do?',
    base: SHORT,
    arms: [
      { name: 'as written', changes: { kl: { schedule: 'cosine', beta: 1 } } },
      { name: 'as released', changes: { kl: { schedule: 'as_released', beta: 1 } } },
    ],
    findings: [],
  },
  estimators: {
    title: 'Advantage estimators',
    question: 'GRPO, Dr. GRPO, RLOO, REINFORCE++: does it matter here?',
    base: SHORT,
    arms: [
      { name: 'GRPO', changes: {} },
      { name: 'Dr. GRPO', changes: { objective: { scale_rewards: 'none' } } },
      { name: 'RLOO', changes: { objective: { advantage_estimator: 'rloo' } } },
      { name: 'REINFORCE++', changes: { objective: { advantage_estimator: 'reinforce' } } },
    ],
    findings: [],
  },
  prompt: {
    title: 'Short against long prompt',
    question: 'Does a prompt that describes reflection bring it about?',
    base: SHORT,
    arms: [
      { name: 'short', changes: { prompt: { template: 'short' } } },
      { name: 'long', changes: { prompt: { template: 'long' } } },
    ],
    findings: [
      finding(REFLECTION, 'long', 'short', 'A detailed prompt suggests the words of reflection (3.1).'),
    ],
  },
  tool: {
    title: 'Tool against no tool',
    question: 'Does a calculator help on maths, once a cold start has shown how to call it?',
    base: { ...SHORT, sft: TOOL_START },
    arms: TOOL_ARMS,
    findings: [
      finding(
        ACCURACY,
        'tool',
        'no tool',
        'Manipulating tools raises accuracy beyond reasoning alone (4.4).',
      ),
      finding(ACCURACY, 'tool', 'not run', 'The results of the calls are what helps (4.4).'),
    ],
  },
  'tool-elsewhere': {
    title: 'Tool against no tool, where there is nothing to calculate',
    question: 'What becomes of calls that a cold start has taught, on a task that does not need them?',
    base: {
      ...SHORT,
      data: { task: 'arrows', max_level: 1 },
      sft: { ...TOOL_START, steps: 300, examples: 4096, learning_rate: 4e-3 },
    },
    arms: TOOL_ARMS,
    findings: [],
  },
  long: {
    title: 'A long run',
    question: 'Where is the plateau?',
    base: { schedule: { max_steps: 300, eval_steps: 25, save_steps: 10 } },
    arms: [{ name: 'long run', changes: {} }],
    findings: [],
  },
};

function finding(metric: string, higher: string, lower: string, paper: string) {
  return { metric, higher, lower, paper };
}
