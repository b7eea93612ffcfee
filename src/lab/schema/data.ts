/** What is asked: a generated task or a person's own questions, by level and by how often the model is right. */
import { TASK_NAMES } from '../../tasks';
import { choice, integer, number, section, text } from './fields';

export const dataSection = section('Data', {
  task: choice([...TASK_NAMES, 'imported'], 'countdown', {
    label: 'Task',
    help: 'What is asked. The shipped base model knows Countdown: three numbers, one target. imported: your own questions, from the data set below.',
  }),
  file: text(1000, '', {
    label: 'Data set',
    help: 'Of the task “imported”: in the browser the name of a stored data set, headless the path of a JSON-lines, JSON or CSV file.',
  }),
  sha256: text(64, '', {
    label: 'Data set, SHA-256',
    help: 'Of its questions and answers, filled in when a run starts: a data set that has changed is refused. Empty is any.',
    advanced: true,
  }),
  min_level: integer(1, 999, 1, {
    label: 'Easiest level',
    help: 'Of tasks with graded difficulty. Questions without a level are asked whatever this is.',
    advanced: true,
  }),
  max_level: integer(1, 999, 9, {
    label: 'Hardest level',
    help: 'Of tasks with graded difficulty. Questions without a level are asked whatever this is.',
    advanced: true,
  }),
  pass_rate_samples: integer(0, 256, 0, {
    label: 'Pass-rate samples',
    unit: 'responses',
    help: 'Difficulty filter: before training the base model answers each question so often, and those it is always or never right on are left out. 0 is off.',
  }),
  min_pass_rate: number(0, 1, 0.05, {
    label: 'Lowest pass rate',
    help: 'Of the difficulty filter: questions that the base model is right on less often are too hard.',
    step: 0.05,
    advanced: true,
  }),
  max_pass_rate: number(0, 1, 0.95, {
    label: 'Highest pass rate',
    help: 'Of the difficulty filter: questions that the base model is right on more often are too easy.',
    step: 0.05,
    advanced: true,
  }),
  pass_rate_problems: integer(1, 100_000, 512, {
    label: 'Filtered questions',
    unit: 'problems',
    help: 'Of the difficulty filter: at most so many training questions, drawn by the seed, are measured. Only measured ones are asked.',
    advanced: true,
  }),
});
