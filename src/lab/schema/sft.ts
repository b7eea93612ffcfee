/** The cold start: supervised fine-tuning before RL. */
import { choice, flag, integer, number, section, text } from './fields';

export const sftSection = section('Cold start (SFT)', {
  steps: integer(0, 1_000_000, 0, {
    label: 'SFT steps',
    unit: 'updates',
    help: 'Supervised updates on demonstrations before the first RL step; 0 is none. RL then starts from this model, with a fresh optimiser.',
  }),
  source: choice(['reflective', 'direct', 'mixed', 'rejection', 'imported'], 'reflective', {
    label: 'Demonstrations',
    help: 'reflective: the task’s own, trials checked until one is right. direct: one trial, right. mixed: half of each. rejection: right responses of the base model itself. imported: your own, from the file below.',
  }),
  file: text(1000, '', {
    label: 'File of demonstrations',
    help: 'Of “imported”: in the browser the name of a stored file, headless the path of JSON lines {"messages": […]}, with turns of tools if you like, or {"prompt": …, "completion": …}.',
  }),
  sha256: text(64, '', {
    label: 'Demonstrations, SHA-256',
    help: 'Of the file, filled in when a run starts: a file that has changed is refused. Empty is any.',
    advanced: true,
  }),
  examples: integer(1, 100_000, 1024, {
    label: 'How many',
    unit: 'demonstrations',
    help: 'Made once, from training problems; the steps go through them again and again. Of a file all are taken.',
  }),
  only_reflective: flag(false, {
    label: 'Only with reflection',
    help: 'Of rejection: keep only right responses with a reflection keyword.',
    advanced: true,
  }),
  batch_size: integer(1, 1024, 32, {
    label: 'Batch size',
    unit: 'demonstrations',
    help: 'Demonstrations of one update.',
  }),
  learning_rate: number(1e-7, 0.1, 1e-3, {
    label: 'Learning rate',
    help: 'Of SFT, after warm-up. Adam’s other settings are those of the optimiser.',
    step: 1e-4,
  }),
  warmup_steps: integer(0, 100_000, 5, {
    label: 'Warm-up',
    unit: 'steps',
    help: 'The learning rate of SFT rises linearly over these steps.',
    advanced: true,
  }),
});
