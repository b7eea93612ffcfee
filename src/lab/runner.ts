/** Runs an experiment: evaluation, steps, checkpoints, events. The same loop serves the page's worker and the CLI. */
import type { Gpu } from '../gpu/device';
import type { ModelDirectory } from '../model/directory';
import { Random } from '../random';
import { evaluate } from '../rl/evaluate';
import { Learner } from '../rl/learner';
import { Policy } from '../rl/policy';
import { promptEncoder } from '../rl/prompt';
import { rlStep, type StepHooks } from '../rl/step';
import { STREAMS } from '../rl/streams';
import { sampledLength } from '../rl/tools/mask';
import {
  StoreError,
  type Checkpoint,
  type LoadedCheckpoint,
  type RolloutRecord,
  type RunStatus,
  type RunStore,
} from '../store/types';
import type { Problem } from '../tasks/types';
import type { ImportedDemonstration } from '../sft/dataset';
import { Tokenizer } from '../tokenizer/tokenizer';
import type { OpenInterpreter, ToolPackage } from '../tools/types';
import { RunControl, StopRequested } from './control';
import { RunReward } from './custom-reward/run-reward';
import { DeviceLosses } from './device-loss';
import { filterByDifficulty, KEPT_PROBLEMS, restoreDifficulty, type Difficulty } from './difficulty';
import { evalMetrics } from './eval-metrics';
import type { StepMetrics } from './metrics';
import type { LabEvent } from './protocol';
import type { Experiment } from './schema';
import { explainMemory, memoryAdvice } from './out-of-memory';
import { longestPrompt, questionsOf, type FurtherSet, type Questions } from './questions';
import { RecordedSteps } from './recorded';
import { record, unrewarded } from './records';
import { openTools } from './run-tools';
import { placeStep, totalSteps } from './schedule';
import { SftPhase } from './sft-phase';
import { hasReference, learnerSettings, policySize, stepSettings, type StepParts } from './step-settings';

/** Problems whose greedy answers are kept at every evaluation, to compare then with now. */
const WATCHED_PROBLEMS = 12;

export interface RunOptions {
  gpu: Gpu;
  runId: string;
  experiment: Experiment;
  /** The problems of the data set, where the task is `imported`; `prepareRun` reads them. */
  dataset?: readonly Problem[];
  /** What the file of demonstrations holds, where the cold start learns from one and has not begun; of `prepareRun` too. */
  demonstrations?: readonly ImportedDemonstration[];
  model: ModelDirectory;
  store: RunStore;
  /** What the Python of calls may import, where the experiment names it; of `preparePackages`. */
  packages?: readonly ToolPackage[];
  /** The sandbox that the policy's calls run in; without one there is the calculator. */
  openInterpreter?: OpenInterpreter;
  /** Go on from here; a fresh run otherwise. */
  from?: LoadedCheckpoint;
  /** Opens another device when this one is lost; without it a loss ends the run. */
  reopen?: () => Promise<Gpu>;
  emit: (event: LabEvent) => void;
  control?: RunControl;
}

/**
 * Runs to the last step, or until stopped. Every step is committed to the store before its events are emitted; a failure or
 * a stop leaves the last committed step and the newest checkpoint. A step that was committed after the checkpoint is
 * computed again; it stays as it is stored unless its numbers come out different.
 * @returns `finished` or `stopped`
 * @throws GpuError, DeviceLostError, StoreError, ModelFileError after recording the failure in the store
 */
export async function runExperiment(options: RunOptions): Promise<RunStatus> {
  const { store, runId, experiment, emit, reopen } = options;
  const maxSteps = totalSteps(experiment);
  const note = (message: string) => emit({ type: 'note', runId, message });
  const smaller = () => memoryAdvice(options, options.gpu);
  const losses = new DeviceLosses({ store, runId, reopen, note, smaller });
  let session: RunSession | undefined;
  const committed = () => session?.committedStep ?? options.from?.step ?? 0;
  const status = async (next: RunStatus, failure?: unknown) => {
    const error = failure === undefined ? undefined : describe(failure);
    const cannotStore = failure instanceof StoreError;
    try {
      await store.updateRun(runId, { status: next, error });
    } finally {
      emit({ type: 'run-status', runId, status: next, step: committed(), maxSteps, error, cannotStore });
    }
  };
  const control = options.control ?? new RunControl();
  // A store that cannot keep this fails at the next commit.
  control.onRest = (resting) => void status(resting ? 'paused' : 'running').catch(() => undefined);

  const toEnd = async (from: LoadedCheckpoint | undefined, gpu: Gpu) => {
    progress(options, 'loading', 0, 1, from?.step ?? 0);
    session = await RunSession.open({ ...options, from, gpu }, control);
    if (from) await session.completeStart();
    else await session.commitStart();
    while (committed() < maxSteps) {
      await control.rest();
      await session.commitStep(committed() + 1);
    }
  };

  const untilStopped = async (): Promise<RunStatus> => {
    for (let { from, gpu }: Pick<RunOptions, 'from' | 'gpu'> = options; ;) {
      try {
        await toEnd(from, gpu);
        return 'finished';
      } catch (error) {
        if (error instanceof StopRequested) {
          await session?.commitStopped();
          return 'stopped';
        }
        ({ from, gpu } = await losses.restart(error, gpu));
        session?.destroy();
        session = undefined;
      }
    }
  };

  try {
    await status('running');
    if (options.from?.warning) note(options.from.warning);
    const ended = await untilStopped();
    await status(ended);
    return ended;
  } catch (failure) {
    const step = (await store.getRun(runId).catch(() => undefined))?.step ?? 0;
    const kept = `Nothing that was stored is lost${step > 0 ? `: steps up to ${step} are kept` : ''}.`;
    const error = explainMemory(failure, options, options.gpu, kept);
    await status('failed', error).catch(() => undefined);
    throw error;
  } finally {
    session?.destroy();
  }
}

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** An open policy and where the run stands. */
class RunSession {
  private readonly problemChoice: Random;
  private tokens: number;
  /** The last step whose update is done, and how many problems were drawn up to it. */
  private step: number;
  private problemsDrawn: number;
  private readonly sft: SftPhase;
  private last?: { metrics: StepMetrics; checkpointed: boolean };

  private constructor(
    private readonly options: RunOptions,
    private readonly control: RunControl,
    private readonly learner: Learner,
    private readonly difficulty: Difficulty,
    private readonly parts: StepParts,
    private readonly recorded: RecordedSteps,
    private readonly customReward?: RunReward,
  ) {
    const { experiment, from } = options;
    this.problemsDrawn = from?.counters.problem_choice ?? 0;
    this.problemChoice = new Random(experiment.seed, STREAMS.problems, this.problemsDrawn);
    this.tokens = from?.counters.num_tokens ?? 0;
    this.step = from?.step ?? 0;
    this.sft = new SftPhase(experiment, this.questions, learner.policy, parts, options);
    if (from) {
      const { arrays, counters } = from;
      this.policy.restoreTrained(arrays[this.trainedName]);
      this.policy.trainer.restore(counters.optimizer_step, { m: arrays.adam_m, v: arrays.adam_v });
      learner.restore(arrays, counters);
      this.sft.restore(arrays);
    }
  }

  private get policy(): Policy {
    return this.learner.policy;
  }

  /** Under which a checkpoint holds what is trained. */
  private get trainedName(): 'adapter' | 'params' {
    return this.policy.adapter ? 'adapter' : 'params';
  }

  private get questions(): Questions {
    return this.difficulty.questions;
  }

  /** @throws GpuError, ModelFileError, TokenizerError, FunctionError, ToolError, ExperimentError when no problem is left to ask */
  static async open(options: RunOptions, control: RunControl): Promise<RunSession> {
    const { gpu, experiment, model, dataset, store, runId, from } = options;
    const recorded = await RecordedSteps.read(store, runId, from);
    const questions = questionsOf(experiment, dataset);
    const tokenizer = new Tokenizer(model.tokenizer, model.tokenizerConfig);
    const encodePrompt = promptEncoder(tokenizer, model.tokenizerConfig, experiment.prompt);
    const longest = longestPrompt(questions.all, encodePrompt);
    const tools = await openTools(experiment, tokenizer, options.openInterpreter, options.packages);
    const customReward = await RunReward.open(experiment);
    const policy = await Policy.load(gpu, model, policySize(experiment, longest), hasReference(experiment));
    const { kl, entropy, strategy } = learnerSettings(experiment);
    const learner = new Learner(policy, kl, entropy, strategy);
    const parts = { encodePrompt, customReward: customReward?.evaluate, tools };
    try {
      const difficulty = from
        ? restoreDifficulty(questions, from)
        : await filterByDifficulty(experiment, questions, policy, parts, {
            checkAborted: () => control.check(),
            onProgress: (done, total) => progress(options, 'filtering', done, total, 0),
          });
      return new RunSession(options, control, learner, difficulty, parts, recorded, customReward);
    } catch (error) {
      policy.destroy();
      customReward?.dispose();
      tools?.interpreter.close();
      throw error;
    }
  }

  get committedStep(): number {
    return this.last?.metrics.step ?? this.options.from?.step ?? 0;
  }

  /** Step 0: the evaluation before training. */
  async commitStart(): Promise<void> {
    const { metrics, watched } = await this.evaluate();
    await this.commit({ step: 0, ...this.difficulty.metrics, ...metrics }, watched, true);
  }

  /** The evaluation of the step it goes on from, where a stop had cut it off. */
  async completeStart(): Promise<void> {
    const { start, isEmpty } = this.recorded;
    if (!start || !isEmpty || !placeStep(this.options.experiment, this.step).evaluates) return;
    if (Object.keys(start).some((name) => name.startsWith('eval/'))) return;
    const { metrics, watched } = await this.evaluate();
    await this.commit({ ...start, ...metrics }, watched, true);
  }

  /**
   * One step, of SFT or of RL, its evaluation when due, and its commit.
   * @throws StopRequested before anything of the step is kept
   */
  async commitStep(step: number): Promise<void> {
    const place = placeStep(this.options.experiment, step);
    const hooks: StepHooks = {
      checkAborted: () => this.control.check(),
      beforeUpdate: () => this.control.rest(),
      onProgress: (done, total) => this.progress('sampling', done, total, step),
      onUpdateProgress: (done, total) => this.progress('updating', done, total, step),
    };
    const { metrics, rollouts, tokens } =
      place.phase === 'sft'
        ? { ...(await this.sft.step(place.step, hooks)), rollouts: [] }
        : await this.rlStep(place.step, step, hooks);
    this.tokens += tokens;
    this.step = step;
    const line: StepMetrics = { step, ...metrics, num_tokens: this.tokens };
    if (place.evaluates) {
      try {
        const evaluation = await this.evaluate();
        Object.assign(line, evaluation.metrics);
        rollouts.push(...evaluation.watched);
      } catch (error) {
        // The update is done: keep the step, then stop.
        if (error instanceof StopRequested) await this.commit(line, rollouts, true);
        throw error;
      }
    }
    await this.commit(line, rollouts, place.saves);
  }

  /** @param rlStepNumber from 1; `step` counts the SFT steps before it too */
  private async rlStep(rlStepNumber: number, step: number, hooks: StepHooks) {
    const { metrics, rollouts, advantages } = await rlStep(
      this.learner,
      this.questions.task,
      this.questions.train,
      rlStepNumber,
      this.problemChoice,
      stepSettings(this.options.experiment, rlStepNumber, this.parts),
      hooks,
    );
    this.problemsDrawn = this.problemChoice.count;
    return {
      metrics: { ...metrics, ...this.customReward?.endStep() },
      rollouts: rollouts.map((r, i) => record(step, 'train', r, advantages[i])),
      tokens: rollouts.reduce((sum, r) => sum + sampledLength(r), 0),
    };
  }

  /** The state after the last committed step, unless it is kept already. */
  async commitStopped(): Promise<void> {
    if (this.last && !this.last.checkpointed) await this.commit(this.last.metrics, [], true);
  }

  private async evaluate(): Promise<{ metrics: Record<string, number>; watched: RolloutRecord[] }> {
    const { experiment } = this.options;
    const begin = performance.now();
    const { task, evaluation: problems, further } = this.questions;
    const { maxCompletionLength, stopStrings } = stepSettings(experiment, Infinity, this.parts);
    const base = { ...this.parts, maxCompletionLength, stopStrings, seed: experiment.seed };
    const { temperature, num_samples } = experiment.evaluation;
    const sets: readonly (Omit<FurtherSet, 'name'> & { name?: string })[] = [{ task, problems }, ...further];
    const total = sets.reduce((sum, set) => sum + set.problems.length, 0) * (1 + num_samples);
    let [before, watched]: [number, RolloutRecord[]] = [0, []];
    const metrics: Record<string, number> = {};
    const ask = async (
      { task, problems }: (typeof sets)[number],
      temperature: number,
      numSamples: number,
    ) => {
      if (before > 0) await this.control.rest();
      const responses = await evaluate(
        this.policy,
        task,
        problems,
        { ...base, temperature, numSamples },
        {
          checkAborted: () => this.control.check(),
          onProgress: (done: number) => this.progress('evaluating', before + done, total, this.step),
        },
      );
      before += responses.length;
      return responses;
    };
    for (const set of sets) {
      const greedy = await ask(set, 0, 1);
      const sampled = await ask(set, temperature, num_samples);
      Object.assign(metrics, evalMetrics('greedy', greedy, 1, set.name));
      Object.assign(metrics, evalMetrics('sampled', sampled, num_samples, set.name));
      if (set.name === undefined)
        watched = greedy.slice(0, WATCHED_PROBLEMS).map((r) => record(this.step, 'watch', unrewarded(r), 0));
    }
    return { metrics: { ...metrics, 'time/eval': (performance.now() - begin) / 1000 }, watched };
  }

  private async commit(
    metrics: StepMetrics,
    rollouts: RolloutRecord[],
    withCheckpoint: boolean,
  ): Promise<void> {
    const { store, runId, emit } = this.options;
    if (withCheckpoint) this.progress('saving', 0, 1, metrics.step);
    const checkpoint = withCheckpoint ? await this.checkpoint() : undefined;
    const recorded = this.recorded.compare(metrics);
    if (recorded === 'different') await this.replaceRecorded(metrics.step);
    if (recorded !== 'same') await store.commitStep(runId, { metrics, rollouts, checkpoint });
    else if (checkpoint) await store.keepCheckpoint(runId, checkpoint);
    this.last = { metrics, checkpointed: withCheckpoint };
    emit({ type: 'step', runId, metrics });
    if (rollouts.length) emit({ type: 'rollouts', runId, rollouts });
  }

  private async replaceRecorded(step: number): Promise<void> {
    const { store, runId, emit } = this.options;
    await store.truncateAfter(runId, step - 1);
    this.recorded.forget();
    emit({ type: 'truncated', runId, step: step - 1 });
    const message = `Step ${step} was computed again from the checkpoint and came out different from what was stored: the settings, the graphics adapter or the lab have changed since. The stored steps from there on are replaced by the new ones.`;
    emit({ type: 'note', runId, message });
  }

  private async checkpoint(): Promise<Checkpoint> {
    const { trainer } = this.policy;
    const { m, v } = await trainer.moments();
    const learner = await this.learner.save();
    return {
      step: this.step,
      arrays: {
        [this.trainedName]: await this.policy.trained.read(),
        adam_m: m,
        adam_v: v,
        ...learner.arrays,
        ...this.sft.save(),
        ...(this.difficulty.kept && { [KEPT_PROBLEMS]: this.difficulty.kept }),
      },
      counters: {
        ...learner.counters,
        optimizer_step: trainer.optimizerStep,
        num_tokens: this.tokens,
        problem_choice: this.problemsDrawn,
      },
    };
  }

  private progress(phase: Phase, done: number, total: number, step: number): void {
    progress(this.options, phase, done, total, step);
  }

  destroy(): void {
    this.policy.destroy();
    this.customReward?.dispose();
    this.parts.tools?.interpreter.close();
  }
}

type Phase = Extract<LabEvent, { type: 'progress' }>['phase'];

const progress = ({ runId, emit }: RunOptions, phase: Phase, done: number, total: number, step: number) =>
  emit({ type: 'progress', runId, step, phase, done, total });
