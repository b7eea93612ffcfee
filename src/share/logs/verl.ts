/** verl's log: the JSON lines of its file logger, or the lines that it prints, `step:1 - actor/lr:1e-06 - …`. */
import type { StepMetrics } from '../../lab/metrics';
import { bySteps, isStepNumber, numberOf, parsePython, renamed, type LogLine } from './steps';

const NAMES = {
  'critic/rewards/mean': 'reward',
  'response_length/mean': 'completions/mean_length',
  'response_length/min': 'completions/min_length',
  'response_length/max': 'completions/max_length',
  'response_length/clip_ratio': 'completions/clipped_ratio',
  'actor/entropy': 'entropy',
  'actor/entropy_loss': 'entropy',
  'actor/pg_loss': 'loss',
  'actor/grad_norm': 'grad_norm',
  'actor/lr': 'learning_rate',
  'actor/kl_loss': 'kl',
  'actor/kl_coef': 'actor/kl_coef',
  'actor/ppo_kl': 'actor/ppo_kl',
  'actor/pg_clipfrac': 'clip_ratio/region_mean',
};

/** `val-core/countdown/acc/mean@1`: the exported reward's share of right responses. */
const ACCURACY = /^val-core\/.+\/acc\/mean@\d+$/;
const LONGEST_LINE = 1_000_000;

export const verlMetrics = (text: string): StepMetrics[] =>
  bySteps(
    text.split('\n').flatMap((line) => {
      if (line.length > LONGEST_LINE) return [];
      return (line.trimStart().startsWith('{') ? fromJson(line) : fromPrinted(line)) ?? [];
    }),
  );

function fromJson(line: string): LogLine | undefined {
  try {
    const { step, data } = Object(parsePython(line)) as { step?: unknown; data?: unknown };
    return isStepNumber(step) && typeof data === 'object' && data !== null
      ? { step, values: valuesOf(data) }
      : undefined;
  } catch {
    return undefined;
  }
}

/** A line may begin with the name of the process that printed it. */
function fromPrinted(line: string): LogLine | undefined {
  const [head, ...parts] = line.split(' - ');
  const step = /(?:^|\s)step:(\d{1,9})\s*$/.exec(head)?.[1];
  if (step === undefined) return undefined;
  const data = parts.flatMap((part): [string, number][] => {
    const at = part.lastIndexOf(':');
    const value = printedNumber(part.slice(at + 1));
    return at < 0 || value === undefined ? [] : [[part.slice(0, at), value]];
  });
  return { step: Number(step), values: valuesOf(Object.fromEntries(data)) };
}

/** `0.5`, or as numpy prints it, `np.float64(0.5)`. */
function printedNumber(text: string): number | undefined {
  const plain = /^\s*(?:np\.\w+\()?([-+.\deE]+|nan|-?inf)\)?\s*$/.exec(text)?.[1];
  if (plain === undefined) return undefined;
  const value = Number(plain.replace('inf', 'Infinity'));
  return plain === 'nan' || !Number.isNaN(value) ? value : undefined;
}

function valuesOf(data: object): Record<string, number> {
  const accuracy = Object.entries(data)
    .filter(([name]) => ACCURACY.test(name))
    .map(([, value]) => numberOf(value))
    .find((value) => value !== undefined);
  return { ...renamed(data, NAMES), ...(accuracy !== undefined && { 'eval/sampled/accuracy': accuracy }) };
}
