import { describe, expect, it } from 'vitest';
import { Random } from '../../random';
import trainerState from './fixtures/trl-trainer-state.json';
import { LogError, readLog } from './index';

/** Two steps of the exported `aha`, as TRL 1.16 logged them. */
const TRL = JSON.stringify(trainerState);

describe('TRL', () => {
  it('reads trainer_state.json and a log_history alone', () => {
    const { framework, metrics } = readLog(TRL);
    expect(framework).toBe('TRL');
    expect(metrics.map(({ step }) => step)).toEqual([1, 2]);
    expect(metrics[0]).toMatchObject({
      reward: 0.15625,
      accuracy: 0.15625,
      'completions/mean_length': 21.125,
      completion_ratio: 1,
      num_tokens: 3600,
    });
    expect(readLog(JSON.stringify(trainerState.log_history)).metrics).toEqual(metrics);
  });

  it('puts the updates of a step together', () => {
    const { metrics } = readLog(TRL, 2);
    expect(metrics).toHaveLength(1);
    expect(metrics[0]).toMatchObject({ step: 1, reward: (0.15625 + 0.2109375) / 2, num_tokens: 7222 });
  });

  it('takes evaluations as sampled', () => {
    const history = [
      {
        step: 0,
        eval_accuracy: 0.15,
        'eval_completions/mean_length': 23,
        'eval_completions/clipped_ratio': 0.25,
      },
    ];
    expect(readLog(JSON.stringify({ log_history: history })).metrics).toEqual([
      {
        step: 0,
        'eval/sampled/accuracy': 0.15,
        'eval/sampled/mean_length': 23,
        'eval/sampled/completion_ratio': 0.75,
      },
    ]);
  });
});

it('reads numbers that are not finite as Python writes them', () => {
  const history = '{"log_history": [{"step": 1, "grad_norm": NaN, "reward": -Infinity, "note": "a: NaN b"}]}';
  expect(readLog(history).metrics).toEqual([{ step: 1, grad_norm: NaN, reward: -Infinity }]);
  expect(readLog('{"step": 1, "data": {"actor/grad_norm": NaN}}').metrics).toEqual([
    { step: 1, grad_norm: NaN },
  ]);
});

describe('verl', () => {
  const data = {
    'critic/rewards/mean': 0.5,
    'response_length/mean': 30.5,
    'response_length/clip_ratio': 0.25,
    'actor/grad_norm': 0.125,
    'val-core/countdown/acc/mean@1': 0.75,
    'timing_s/step': 12,
  };
  const expected = {
    step: 3,
    reward: 0.5,
    'completions/mean_length': 30.5,
    'completions/clipped_ratio': 0.25,
    completion_ratio: 0.75,
    grad_norm: 0.125,
    'eval/sampled/accuracy': 0.75,
  };

  it('takes of several evaluation sets the run’s own', () => {
    const set = (name: string, accuracy: number) => ({
      step: 2,
      eval_accuracy: accuracy,
      [`eval_${name}_runtime`]: 1,
    });
    const history = [set('eval-arrows-1-2', 0.5), set('test', 0.25)];
    const { metrics } = readLog(JSON.stringify({ log_history: history }));
    expect(metrics).toEqual([{ step: 2, 'eval/sampled/accuracy': 0.25 }]);
  });

  it('reads the JSON lines of its file logger', () =>
    expect(readLog(`${JSON.stringify({ step: 3, data })}\n`)).toEqual({
      framework: 'verl',
      metrics: [expected],
    }));

  it('reads what it prints, among whatever else is printed', () => {
    const printed = Object.entries(data).map(([name, value]) => `${name}:np.float64(${value})`);
    const text = `INFO starting\n(TaskRunner pid=7) step:3 - ${printed.join(' - ')}\nstep: what\n{"a":1}\n`;
    expect(readLog(text).metrics).toEqual([expected]);
  });
});

it('says of another text that it holds no step', () => {
  for (const text of ['', '{}', '[]', '[1, null]', 'hello', '{"log_history": 3}', '{"step": 1, "data": 5}'])
    expect(() => readLog(text), text).toThrow(LogError);
});

it('reads or refuses any damaged log', () => {
  const seed = 5;
  const random = new Random(seed);
  const verl = 'step:1 - actor/lr:1e-06 - critic/rewards/mean:0.5\n{"step":2,"data":{"actor/lr":1}}\n';
  for (let i = 0; i < 500; i++) {
    const characters = [...random.choice([TRL, verl])];
    for (let n = 0; n <= random.int(4); n++)
      characters[random.int(characters.length)] = String.fromCharCode(random.int(128));
    try {
      for (const { step } of readLog(characters.join('')).metrics) expect(Number.isInteger(step)).toBe(true);
    } catch (error) {
      expect(error, `seed ${seed}, text ${i}`).toBeInstanceOf(LogError);
    }
  }
});
