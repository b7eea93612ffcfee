/** Demonstrations that the lab makes itself: written by the task, or chosen among the policy's own responses. */
import type { GenerationHooks } from '../model/decoder';
import type { Random } from '../random';
import { judge } from '../rl/judge';
import type { Sampler } from '../rl/policy';
import { sampleRollouts, type RolloutSettings } from '../rl/rollout';
import type { ToolSettings } from '../rl/tools/use';
import { demonstrationParts } from '../tasks/calls';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { toolOutput } from '../tools/output';
import type { ToolLanguage } from '../tools/types';
import { DEMONSTRATION_STYLES, type GeneratedTask, type Problem, type Task } from '../tasks/types';
import type { Demonstration, Example, Segment } from './dataset';

/** `mixed` draws one of the task's styles for each. */
export const DEMONSTRATION_MIXES = [...DEMONSTRATION_STYLES, 'mixed'] as const;
export type DemonstrationMix = (typeof DEMONSTRATION_MIXES)[number];

/** Whether a task can show how its problems are solved. */
export const hasDemonstrations = <P extends Problem>(task: Task<P>): task is GeneratedTask<P> =>
  'demonstration' in task;

/**
 * `count` right demonstrations, of all problems in turn and in random order.
 * @param problems of the training split
 */
export function synthesize<P extends Problem>(
  task: GeneratedTask<P>,
  problems: readonly P[],
  count: number,
  mix: DemonstrationMix,
  random: Random,
): Demonstration<string>[] {
  const order = random.shuffle([...problems]);
  return Array.from({ length: count }, (_, i) => {
    const problem = order[i % order.length];
    const style = mix === 'mixed' ? random.choice(DEMONSTRATION_STYLES) : mix;
    return { prompt: problem.prompt, completion: task.demonstration(problem, random, style) };
  });
}

/** An expression of the calculator in a language; `=` asks whether two are equal. */
const CODE: Record<ToolLanguage, (expression: string) => string> = {
  calculator: (expression) => expression,
  javascript: (expression) => `print(${expression.replace(' = ', ' === ')})`,
  python: (expression) => `print(${expression.replace(' = ', ' == ')})`,
};

/**
 * Lets demonstrations call an interpreter for what their task would have it do; the results are its own. Those with more
 * calls than a response may make are left out.
 * @throws ToolError when the interpreter cannot work; TokenizerError
 */
export async function withCalls<P extends Problem>(
  task: GeneratedTask<P>,
  demonstrations: readonly Demonstration<string>[],
  { format, language, interpreter, maxCalls, outputChars }: ToolSettings,
  tokenizer: Tokenizer,
): Promise<Demonstration<string>[]> {
  const outputs = new Map<string, string>();
  const run = async (code: string): Promise<string> => {
    const known = outputs.get(code);
    if (known !== undefined) return known;
    const output = toolOutput(await interpreter.call(code), outputChars);
    outputs.set(code, output);
    return output;
  };
  const made: Demonstration<string>[] = [];
  for (const { prompt, completion: text } of demonstrations) {
    const parts = demonstrationParts(task, text);
    if (parts.filter((part) => typeof part !== 'string').length > maxCalls) continue;
    const texts: string[] = [];
    const segments: Segment[] = [];
    const write = (written: string) => {
      texts.push(written);
      segments.push({ ids: tokenizer.encode(written), isResult: false });
    };
    for (const part of parts) {
      if (typeof part === 'string') {
        write(part);
        continue;
      }
      const code = CODE[language](part.call);
      const output = await run(code);
      write(format.callText(code));
      texts.push(format.resultText(output));
      segments.push({ ids: format.encodeResult(output), isResult: true });
    }
    made.push({ prompt, completion: texts.join(' '), segments });
  }
  return made;
}

export interface RejectionSettings extends RolloutSettings {
  /** Demonstrations wanted. */
  count: number;
  samplesPerProblem: number;
  /** At most so many are kept of a problem, all different. */
  keptPerProblem: number;
  /** Only responses with a reflection keyword. */
  onlyReflective: boolean;
}

export interface RejectionResult {
  /** At most `count`; fewer when the problems did not yield more. */
  examples: Example[];
  /** Responses sampled, and how many of them were right and finished. */
  sampled: number;
  right: number;
}

/** Problems asked between two looks at what was kept. */
const PROBLEMS_AT_ONCE = 64;

/**
 * Rejection sampling (Yuan et al. 2023, arXiv 2308.01825, section 3.3): responses to the problems in order, each asked
 * once, of which right and finished ones are kept until there are enough.
 * @param problems of the training split, in random order
 * @throws GpuError, TokenizerError
 */
export async function rejectionSample<P extends Problem>(
  sampler: Sampler,
  task: Task<P>,
  problems: readonly P[],
  settings: RejectionSettings,
  { onProgress, checkAborted }: GenerationHooks = {},
): Promise<RejectionResult> {
  const { count, samplesPerProblem, keptPerProblem, onlyReflective } = settings;
  const examples: Example[] = [];
  let [sampled, right] = [0, 0];
  for (let next = 0; next < problems.length && examples.length < count; next += PROBLEMS_AT_ONCE) {
    const asked = problems.slice(next, next + PROBLEMS_AT_ONCE);
    const sampling = { ...settings, firstStream: sampled };
    const rollouts = await sampleRollouts(sampler, asked, samplesPerProblem, sampling, { checkAborted });
    const judged = rollouts.map((rollout) => judge(task, rollout));
    sampled += judged.length;
    right += judged.filter((r) => r.correct).length;
    const wanted = judged.filter(
      (r) => r.correct && (!onlyReflective || Object.values(r.keywords).some(Boolean)),
    );
    for (const problem of asked) {
      const texts = new Map(wanted.filter((r) => r.problem === problem).map((r) => [r.text, r]));
      for (const { promptIds, tokens, toolMask } of [...texts.values()].slice(0, keptPerProblem))
        examples.push({ promptIds, tokens, toolMask });
    }
    onProgress?.(Math.min(examples.length, count), count);
  }
  return { examples: examples.slice(0, count), sampled, right };
}
