/** What a response earns: the terms of the study (arXiv 2503.04548, sections 3 and 4.2) and a person's own. */
import { choice, flag, integer, number, section, text } from './fields';

export const rewardSection = section('Reward', {
  output: number(-10, 10, 1, {
    label: 'Right answer',
    help: 'Earned by a right, finished answer.',
    step: 0.1,
  }),
  wrong: number(-10, 10, 0, {
    label: 'Wrong answer',
    help: 'Earned by any other response. The study’s length rewards use −1.',
    step: 0.1,
  }),
  format: number(-10, 10, 0, {
    label: 'Zero format',
    help: 'Earned by a response in the Zero format: <think> … </think><answer> … </answer>, each tag once, both parts non-empty, nothing between.',
    step: 0.1,
    advanced: true,
  }),
  require_format: flag(false, {
    label: 'Zero format required',
    help: 'A response that breaks the Zero format earns 0, whatever else it holds.',
    advanced: true,
  }),
  length: number(-10, 10, 0, {
    label: 'Length (RRL)',
    help: 'Earned in proportion to the length: tokens ÷ response limit. Lengthens responses without making them better.',
    step: 0.1,
  }),
  actions: number(-10, 10, 0, {
    label: 'Actions (RRA)',
    help: 'Earned in proportion to the reflection words, at most 20 of them: min(A, 20) ÷ 20.',
    step: 0.1,
  }),
  action_words: text(400, 'however, but, wait, verify, alternatively', {
    label: 'Action words',
    help: 'What RRA counts, separated by commas.',
    advanced: true,
  }),
  overlong: number(0, 10, 0, {
    label: 'Overlong penalty',
    help: 'Taken off a response that reaches into the overlong buffer, in proportion (DAPO).',
    step: 0.1,
    advanced: true,
  }),
  overlong_buffer: integer(1, 100_000, 32, {
    label: 'Overlong buffer',
    unit: 'tokens',
    help: 'The last so many tokens before the response limit.',
    advanced: true,
  }),
  selection: choice(['none', 'QS', 'RS'], 'none', {
    label: 'Selection',
    help: 'QS: learn only from questions whose right answers are longer than their wrong ones on average. RS: learn only from the longest right and the shortest wrong response of a question, when the right one is longer.',
    advanced: true,
  }),
  tool_cost: number(0, 10, 0, {
    label: 'Cost of a call',
    help: 'Taken off for each call of the interpreter.',
    step: 0.01,
  }),
  custom: number(-10, 10, 0, {
    label: 'Own reward',
    help: 'Weight of what the function below returns. 0 is off.',
    step: 0.1,
  }),
  custom_code: text(20_000, '', {
    label: 'Own reward function',
    help: 'JavaScript: a function reward({prompt, response, answer, correct, finished, length, maxLength, calls}) that returns a number. It runs apart from the page and the network, anew for every response, within some 50 ms and 16 MB. To give the same run again it has no Date and no Math.random. A response on which it fails earns 0 from it.',
    multiline: 'code',
  }),
});
