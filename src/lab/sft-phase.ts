/** The SFT part of a run: demonstrations, made once, and the steps that learn from them. */
import { Random } from '../random';
import type { Policy } from '../rl/policy';
import type { StepHooks } from '../rl/step';
import { STREAMS } from '../rl/streams';
import {
  DemonstrationError,
  encodeDemonstrations,
  restoreExamples,
  saveExamples,
  type Example,
} from '../sft/dataset';
import {
  hasDemonstrations,
  rejectionSample,
  synthesize,
  withCalls,
  type DemonstrationMix,
} from '../sft/demonstrations';
import { batchOfStep, sftMetrics, sftStep } from '../sft/finetune';
import { encodeImported } from './demonstrations';
import type { Questions } from './questions';
import type { RunOptions } from './runner';
import type { Experiment } from './schema';
import { sftSettings, stepSettings, type StepParts } from './step-settings';

/** Rejection sampling keeps at most so many responses to a problem: the easy ones must not crowd out the others. */
const KEPT_PER_PROBLEM = 4;

interface Demonstrations {
  examples: Example[];
  /** What is told of them, in the line of the first step. */
  metrics: Record<string, number>;
}

export class SftPhase {
  private examples?: readonly Example[];

  constructor(
    private readonly experiment: Experiment,
    private readonly questions: Questions,
    private readonly policy: Policy,
    private readonly parts: StepParts,
    private readonly file: Pick<RunOptions, 'demonstrations' | 'model'>,
  ) {}

  /**
   * One step, from 1; the first makes the demonstrations. After the last one the optimiser is fresh and the policy is its own
   * reference, for RL.
   * @throws DemonstrationError when there is nothing to learn from, GpuError; what the hooks throw, before anything changed
   */
  async step(step: number, hooks: StepHooks): Promise<{ metrics: Record<string, number>; tokens: number }> {
    const made = this.examples ? undefined : await this.makeDemonstrations(hooks);
    this.examples ??= made!.examples;
    await hooks.beforeUpdate?.();
    const begin = performance.now();
    const settings = sftSettings(this.experiment);
    const batch = batchOfStep(this.examples, step, settings);
    const result = await sftStep(this.policy.trainer, batch, step, settings, hooks.onUpdateProgress);
    if (step === this.experiment.sft.steps) {
      this.policy.trainer.resetOptimizer();
      this.policy.refreshReference();
      this.examples = undefined;
    }
    const metrics = {
      ...made?.metrics,
      ...sftMetrics(result),
      'time/update': (performance.now() - begin) / 1000,
    };
    return { metrics, tokens: result.tokens };
  }

  /** For a checkpoint: the policy that wrote them may be gone. */
  save(): Record<string, Float32Array> {
    return this.examples ? saveExamples(this.examples) : {};
  }

  restore(arrays: Record<string, Float32Array>): void {
    this.examples = restoreExamples(arrays);
  }

  private async makeDemonstrations(hooks: StepHooks): Promise<Demonstrations> {
    const { source } = this.experiment.sft;
    const { examples, metrics } = await (source === 'rejection'
      ? this.sampled(hooks)
      : source === 'imported'
        ? this.imported()
        : this.synthesized(source));
    return { examples, metrics: { 'sft/examples': examples.length, ...metrics } };
  }

  private async synthesized(mix: DemonstrationMix): Promise<Demonstrations> {
    const { experiment, questions, policy, parts } = this;
    const { task, train } = questions;
    if (!hasDemonstrations(task))
      throw new DemonstrationError(
        `The task ${task.name} has no demonstrations of its own, and nothing was trained. Choose “rejection” for the cold start, or 0 SFT steps.`,
      );
    const random = new Random(experiment.seed, STREAMS.demonstrations);
    const texts = synthesize(task, train, experiment.sft.examples, mix, random);
    const { tokenizer, trainer } = policy;
    const { positions } = trainer;
    const { tools, encodePrompt } = parts;
    const demonstrations = tools ? await withCalls(task, texts, tools, tokenizer) : texts;
    const { examples } = encodeDemonstrations(demonstrations, tokenizer, encodePrompt, positions);
    if (examples.length === 0)
      throw new DemonstrationError(
        `All ${texts.length} demonstrations are longer than ${positions} tokens, prompt included${tools ? ', or make too many calls' : ''}, and nothing was trained. Raise the response limit${tools ? ' or the calls a response may make' : ''}.`,
      );
    return { examples, metrics: { 'sft/too_long': texts.length - examples.length } };
  }

  private imported(): Demonstrations {
    const { demonstrations, model } = this.file;
    if (!demonstrations)
      throw new DemonstrationError(
        `The file of demonstrations “${this.experiment.sft.file}” was not read, and nothing was trained.`,
      );
    const { positions } = this.policy.trainer;
    const { examples, tooLong } = encodeImported(demonstrations, this.experiment, model, positions);
    if (examples.length === 0)
      throw new DemonstrationError(
        `All ${demonstrations.length} demonstrations are longer than ${positions} tokens, prompt included, and nothing was trained. Raise the response limit.`,
      );
    return { examples, metrics: { 'sft/too_long': tooLong.length } };
  }

  private async sampled(hooks: StepHooks): Promise<Demonstrations> {
    const { experiment, questions, policy } = this;
    const { encodePrompt, tools } = this.parts;
    const { seed, sft, rollout } = experiment;
    const random = new Random(seed, STREAMS.demonstrations);
    const settings = {
      ...stepSettings(experiment, Infinity, { encodePrompt, tools }),
      stream: STREAMS.rejection,
      count: sft.examples,
      samplesPerProblem: rollout.num_generations,
      keptPerProblem: KEPT_PER_PROBLEM,
      onlyReflective: sft.only_reflective,
    };
    const problems = random.shuffle([...questions.train]);
    const { examples, sampled, right } = await rejectionSample(
      policy,
      questions.task,
      problems,
      settings,
      hooks,
    );
    if (examples.length === 0)
      throw new DemonstrationError(
        `Of ${sampled} responses ${right} were right, and none can be a demonstration: there is nothing to learn from. Choose demonstrations of the task, or a stronger base model.`,
      );
    return { examples, metrics: { 'sft/yield': examples.length / sampled } };
  }
}
