import { describe, expect, it } from 'vitest';
import config from '../../../public/models/tiny-countdown/config.json';
import tokenizerJson from '../../../public/models/tiny-countdown/tokenizer.json';
import tokenizerConfig from '../../../public/models/tiny-countdown/tokenizer_config.json';
import { questionsOf } from '../../lab/questions';
import { parseExperiment, type ExperimentInput } from '../../lab/schema';
import { parseModelConfig } from '../../model/config';
import { promptEncoder } from '../../rl/prompt';
import { Tokenizer } from '../../tokenizer/tokenizer';
import { fieldsOf } from './fields';
import { exportStudy, FRAMEWORKS, type Study } from './index';

function study(input: ExperimentInput = {}): Study {
  const experiment = parseExperiment(input);
  return {
    experiment,
    questions: questionsOf(experiment),
    config: parseModelConfig(config),
    tokenizerConfig,
  };
}

const fileOf = (files: readonly { path: string; text: string }[], path: string): string => {
  const file = files.find((f) => f.path === path);
  if (!file) throw new Error(`there is no ${path}`);
  return file.text;
};

/** `name: value` lines, as YAML reads JSON. */
const configOf = (input: ExperimentInput): Record<string, unknown> =>
  Object.fromEntries(
    fileOf(exportStudy('trl', study(input)), 'config.yaml')
      .trimEnd()
      .split('\n')
      .map((line) => {
        const at = line.indexOf(': ');
        return [line.slice(0, at), JSON.parse(line.slice(at + 2)) as unknown];
      }),
  );

describe.each(FRAMEWORKS)('%s', (framework) => {
  it('names every setting of the experiment in NOTES.md', () => {
    const { experiment } = study();
    const notes = fileOf(exportStudy(framework, study()), 'NOTES.md');
    for (const { path } of fieldsOf(experiment)) expect(notes, path).toContain(`\`${path} = `);
  });

  it('says of a setting without an equivalent that the run differs by it', () => {
    const notes = fileOf(
      exportStudy(framework, study({ strategy: { replay_steps: 2 }, kl: { schedule: 'fixed', beta: 0.01 } })),
      'NOTES.md',
    );
    expect(notes).toMatch(/strategy\.replay_steps = 2`\) – \*\*not the default/);
  });

  it('no name of a person ends its frame', () => {
    const notes = fileOf(exportStudy(framework, study({ name: 'a`b | c\n# d' })), 'NOTES.md');
    expect(notes).not.toMatch(/^# d/m);
  });
});

it('asks what the lab asks, token for token', () => {
  const tokenizer = new Tokenizer(tokenizerJson, tokenizerConfig);
  for (const template of ['task', 'chat'] as const) {
    const one = study({ prompt: { template } });
    const encode = promptEncoder(tokenizer, tokenizerConfig, one.experiment.prompt);
    const rows = fileOf(exportStudy('trl', one), 'data/test.jsonl').trimEnd().split('\n');
    expect(rows).toHaveLength(488);
    rows.slice(0, 20).forEach((line, i) => {
      const row = JSON.parse(line) as { prompt: { content: string }[]; answer: string };
      const problem = one.questions.evaluation[i];
      expect(tokenizer.encode(row.prompt[0].content)).toEqual(encode(problem.prompt));
      expect(row.answer).toBe(problem.answer);
    });
  }
});

const LORA = {
  training: { peft: 'lora', lora_r: 4, lora_alpha: 8, lora_target_modules: 'v_proj, q_proj' },
} as const satisfies ExperimentInput;

it('tells verl and OpenRLHF of the adapter that the lab trains, and of none where there is none', () => {
  const script = (framework: 'verl' | 'openrlhf', input: ExperimentInput) =>
    fileOf(exportStudy(framework, study(input)), 'run.sh');
  for (const line of [
    `"actor_rollout_ref.model.lora_rank=4"`,
    `"actor_rollout_ref.model.lora_alpha=8"`,
    `"actor_rollout_ref.model.target_modules=['q_proj','v_proj']"`,
    `"actor_rollout_ref.rollout.load_format=safetensors"`,
  ])
    expect(script('verl', LORA)).toContain(line);
  for (const line of [
    '--ds.lora.rank 4',
    '--ds.lora.alpha 8',
    '--ds.lora.dropout 0',
    '--ds.lora.target_modules "q_proj" "v_proj"',
  ])
    expect(script('openrlhf', LORA)).toContain(line);
  for (const framework of ['verl', 'openrlhf'] as const) expect(script(framework, {})).not.toContain('lora');
});

it('writes the further sets of the evaluation, each with its own checker, and evaluates on them', () => {
  const input = { evaluation: { eval_dataset: 'arrows:1-2, ordering', problems: 5 } };
  for (const framework of FRAMEWORKS) {
    const files = exportStudy(framework, study(input));
    const rows = (path: string) => fileOf(files, path).trimEnd().split('\n');
    expect(rows('data/test.jsonl')).toHaveLength(5);
    for (const path of ['data/eval-arrows-1-2.jsonl', 'data/eval-ordering.jsonl'])
      expect(rows(path)).toHaveLength(5);
    expect(rows('data/eval-arrows-1-2.jsonl')[0]).toContain('\\"kind\\":\\"number\\"');
    expect(rows('data/eval-ordering.jsonl')[0]).toContain('\\"kind\\":\\"text\\"');
    expect(fileOf(files, 'NOTES.md')).toContain('data/eval-….jsonl');
  }
  const [verl, openrlhf] = (['verl', 'openrlhf'] as const).map((framework) =>
    exportStudy(framework, study(input)),
  );
  expect(fileOf(verl, 'run.sh')).toContain(
    `"data.val_files=['$PWD/data/test.jsonl','$PWD/data/eval-arrows-1-2.jsonl','$PWD/data/eval-ordering.jsonl']"`,
  );
  expect(fileOf(verl, 'data/eval-ordering.jsonl')).toContain('"data_source":"ordering"');
  expect(fileOf(openrlhf, 'run.sh')).toContain(
    '--eval.dataset "$PWD/data/test.jsonl,$PWD/data/eval-arrows-1-2.jsonl,$PWD/data/eval-ordering.jsonl"',
  );
  expect(fileOf(openrlhf, 'data/eval-arrows-1-2.jsonl')).toContain('"datasource":"arrows:1-2"');
});

describe('TRL', () => {
  it('makes one update of a step, on-policy', () =>
    expect(configOf({})).toMatchObject({
      per_device_train_batch_size: 128,
      gradient_accumulation_steps: 1,
      num_generations: 8,
      max_steps: 60,
      beta: 0,
    }));

  it('keeps the update of Dr. GRPO’s constant by scaling ε and the clip', () => {
    const { adam_epsilon, max_grad_norm, loss_type } = configOf({
      objective: { loss_type: 'dr_grpo', loss_scale_length: 48 },
      rollout: { max_completion_length: 192 },
    });
    expect({ loss_type, adam_epsilon, max_grad_norm }).toEqual({
      loss_type: 'dr_grpo',
      adam_epsilon: 0.25e-8,
      max_grad_norm: 0.25,
    });
  });

  it('counts updates where a step has several', () =>
    expect(
      configOf({
        strategy: { mini_batches: 4, num_iterations: 2 },
        schedule: { max_steps: 10, save_steps: 5 },
      }),
    ).toMatchObject({
      per_device_train_batch_size: 32,
      steps_per_generation: 4,
      num_iterations: 2,
      max_steps: 80,
      save_steps: 40,
    }));

  it('turns off the correction that changes k3, and moves β as the lab does', () => {
    const kl = { schedule: 'linear', beta: 0.1, beta_end: 0, horizon: 2 } as const;
    const files = exportStudy('trl', study({ kl, schedule: { max_steps: 4 } }));
    expect(JSON.parse(fileOf(files, 'kl_schedule.json'))).toEqual([0.1, 0.05, 0, 0]);
    expect(configOf({ kl })).toMatchObject({ beta: 0.1, use_bias_correction_kl: false });
  });

  it('trains the adapter that the lab trains', () => {
    const training = {
      peft: 'lora',
      lora_r: 4,
      lora_alpha: 8,
      lora_target_modules: 'v_proj, q_proj',
      gradient_checkpointing: true,
    } as const;
    expect(configOf({ training })).toMatchObject({
      ...{ use_peft: true, lora_r: 4, lora_alpha: 8, lora_dropout: 0, gradient_checkpointing: true },
      lora_target_modules: ['q_proj', 'v_proj'],
    });
    expect(configOf({})).not.toHaveProperty('use_peft');
  });

  it('has the dual clip above 1 + ε_high only', () => {
    expect(configOf({ objective: { clip_ratio_c: 3 } })).toMatchObject({ delta: 3 });
    expect(configOf({ objective: { clip_ratio_c: 1.1 } })).not.toHaveProperty('delta');
  });
});
