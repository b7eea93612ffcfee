/** How responses are asked for and sampled. */
import { choice, integer, number, section, text } from './fields';

export const promptSection = section('Prompt', {
  template: choice(['task', 'short', 'long', 'chat', 'own'], 'task', {
    label: 'Prompt',
    help: 'task: as the task writes it. short, long: the study’s Zero prompts. chat: the model’s chat template alone. own: the text below.',
  }),
  own: text(4000, '', {
    label: 'Own prompt',
    help: 'With {question} where the question goes.',
    multiline: 'text',
    advanced: true,
  }),
  stop: text(200, '', {
    label: 'Stop string',
    help: 'Ends a response, beside the end-of-sequence token; several are separated by |. The stop string itself stays in the response.',
    advanced: true,
  }),
});

export const rolloutSection = section('Rollouts', {
  queries_per_step: integer(1, 1024, 16, {
    label: 'Queries per step',
    unit: 'prompts',
    help: 'Different problems sampled for one RL step (train batch size).',
  }),
  num_generations: integer(1, 256, 8, {
    label: 'Rollouts per query',
    unit: 'responses',
    help: 'Group size n: the advantage compares responses to the same problem.',
  }),
  max_completion_length: integer(8, 1024, 192, {
    label: 'Response limit',
    unit: 'tokens',
    help: 'Responses are cut here; a cut response earns nothing.',
  }),
  context_stages: text(200, '', {
    label: 'Staged limit',
    help: 'A lower response limit for the first steps, for instance “64 until 20, 128 until 40”; the limit above holds afterwards.',
    advanced: true,
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
  dynamic_sampling: integer(0, 16, 0, {
    label: 'Dynamic sampling',
    unit: 'rounds',
    help: 'Groups whose rewards are all equal are replaced by new ones, at most so many times a step (DAPO). 0 is off.',
    advanced: true,
  }),
  max_num_seqs: integer(1, 1024, 128, {
    label: 'Side by side',
    unit: 'responses',
    help: 'Responses decoded at once, each with its keys and values in memory; the others wait. The responses are the same.',
    advanced: true,
  }),
});
