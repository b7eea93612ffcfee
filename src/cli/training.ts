/** What `run` and `resume` share: the loop with its lines, Ctrl-C, the summary and the trained model. */
import { join } from 'node:path';
import type { Gpu } from '../gpu/device';
import { adapterName } from '../lab/adapter-report';
import { RunControl } from '../lab/control';
import type { Prepared } from '../lab/dataset';
import { filterSentence, type StepMetrics } from '../lab/metrics';
import type { LabEvent } from '../lab/protocol';
import { runExperiment } from '../lab/runner';
import { totalSteps } from '../lab/schedule';
import { openTrained } from '../lab/trained';
import type { LoadedCheckpoint, RunStatus, RunStore } from '../store/types';
import { openInterpreter } from '../tools/node/open';
import { endLines } from './ends';
import { openGpu } from './engine';
import { findModelFolder, writeFiles, writeModelDirectory } from './files';
import { CliError, fixed, row, type Output } from './output';

/** The conventional exit code of a process that Ctrl-C ended. */
export const INTERRUPTED = 130;

export interface Training extends Prepared {
  gpu: Gpu;
  runId: string;
  store: RunStore;
  from?: LoadedCheckpoint;
  /** The run's folder; without one nothing outlives the command. */
  out?: string;
  output: Output;
}

/**
 * Trains to the last step or until Ctrl-C, prints a line a step and the summary, and writes the trained model to
 * `out`/model.
 * @returns the exit code: 0, or 130 when stopped by hand
 * @throws what `runExperiment` throws; CliError when the model cannot be written
 */
export async function train(training: Training): Promise<number> {
  const { gpu, runId, experiment, store, out, output } = training;
  const begin = performance.now();
  const keptIn = out === undefined ? undefined : `To go on: lab resume ${out}`;
  const control = new RunControl();
  const release = stopOnSignals(control, () =>
    output.note(
      `\nStopping after this phase; press Ctrl-C again to end at once. ${keptIn ?? 'Nothing is kept without --out.'}`,
    ),
  );
  const printer = new StepPrinter(output, experiment.sft.steps > 0 ? COLD_START_COLUMNS : COLUMNS);
  let status: RunStatus;
  try {
    const emit = (event: LabEvent) => printer.print(event);
    status = await runExperiment({ ...training, openInterpreter, control, reopen: openGpu, emit });
  } catch (error) {
    if (keptIn) output.note(`The run failed; its steps up to the newest checkpoint are kept. ${keptIn}`);
    throw error;
  } finally {
    release();
  }

  const steps = (await store.getRun(runId))?.step ?? 0;
  const finished = status === 'finished';
  if (finished && out !== undefined) await writeTrainedModel(training, out);
  output.record({
    summary: {
      status,
      steps,
      seconds: (performance.now() - begin) / 1000,
      adapter: adapterName(gpu),
      seed: experiment.seed,
      ...(await firstAndLastEvaluation(store, runId)),
      out: out ?? null,
    },
  });
  const ends = endLines(await store.metrics(runId), experiment.data.task);
  if (ends.length > 0) output.line(`\n${ends.join('\n')}`);
  output.line(
    `\n${status} at step ${steps} of ${totalSteps(experiment)}` +
      (finished && out !== undefined ? `; the trained model is in ${join(out, 'model')}` : ''),
  );
  return finished ? 0 : INTERRUPTED;
}

/** Stops the run at the first Ctrl-C (or termination signal); from then on a signal ends the process as usual. */
export function stopOnSignals(control: RunControl, onFirst: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const release = () => {
    for (const signal of signals) process.off(signal, listener);
  };
  const listener = () => {
    release();
    onFirst();
    control.stop();
  };
  for (const signal of signals) process.on(signal, listener);
  return release;
}

async function writeTrainedModel({ store, runId, experiment, model }: Training, out: string): Promise<void> {
  const trained = await openTrained(store, runId, model, experiment);
  if (!trained) throw new CliError(`${out} holds no checkpoint, so there is no trained model to write.`);
  await writeModelDirectory(join(out, 'model'), findModelFolder(experiment.model.path), trained.weights);
  await writeFiles(join(out, 'adapter'), trained.adapter);
}

/** `first` and `last`: the evaluations before and after training, with the step of each. */
async function firstAndLastEvaluation(store: RunStore, runId: string) {
  const evaluations = (await store.metrics(runId)).map(onlyEvaluation).filter((m) => m !== undefined);
  return { first: evaluations.at(0), last: evaluations.at(-1) };
}

function onlyEvaluation(metrics: StepMetrics): StepMetrics | undefined {
  const entries = Object.entries(metrics).filter(([name]) => name.startsWith('eval/'));
  return entries.length ? { step: metrics.step, ...Object.fromEntries(entries) } : undefined;
}

/** Columns of the table for people: heading, metric, digits. */
type Column = [heading: string, metric: string, digits: number];
const COLUMNS: readonly Column[] = [
  ['step', 'step', 0],
  ['reward', 'reward', 3],
  ['length', 'completions/mean_length', 1],
  ['complete', 'completion_ratio', 3],
  ['keywords', 'keywords/any', 3],
  ['entropy', 'entropy', 3],
  ['grad norm', 'grad_norm', 3],
  ['greedy', 'eval/greedy/accuracy', 3],
  ['sampled', 'eval/sampled/accuracy', 3],
  ['eval length', 'eval/sampled/mean_length', 1],
];
const COLD_START_COLUMNS = COLUMNS.toSpliced(1, 0, ['SFT loss', 'sft/loss', 3]);

class StepPrinter {
  private hasHeading = false;

  private readonly widths: readonly number[];

  constructor(
    private readonly output: Output,
    private readonly columns: readonly Column[],
  ) {
    this.widths = columns.map(([heading]) => Math.max(6, heading.length));
  }

  print(event: LabEvent): void {
    if (event.type === 'progress') this.progress(event);
    if (event.type === 'note') {
      this.clearProgress();
      this.output.note(event.message);
    }
    if (event.type !== 'step') return;
    this.clearProgress();
    this.output.record(event.metrics);
    const filtered = filterSentence(event.metrics);
    if (filtered) this.output.note(filtered);
    if (!this.hasHeading)
      this.output.line(
        row(
          this.columns.map(([heading]) => heading),
          this.widths,
        ),
      );
    this.hasHeading = true;
    this.output.line(
      row(
        this.columns.map(([, metric, digits]) => fixed(event.metrics[metric], digits)),
        this.widths,
      ),
    );
  }

  /** One line that overwrites itself, on a terminal only. */
  private progress({ step, phase, done, total }: Extract<LabEvent, { type: 'progress' }>): void {
    if (!process.stderr.isTTY) return;
    this.clearProgress();
    process.stderr.write(`step ${step}: ${phase} ${done}/${total}`);
  }

  private clearProgress(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }
}
