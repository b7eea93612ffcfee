import type { Checkpoint, RunStore } from '../store/types';
import { isTiming, type StepMetrics } from './metrics';

/**
 * The steps that a run had committed after the checkpoint it goes on from. They are computed again, and held to what is
 * stored: where the numbers are the same, nothing is written and nothing can be lost by another interruption.
 */
export class RecordedSteps {
  private constructor(
    private readonly lines: Map<number, StepMetrics>,
    /** The line of the checkpoint's own step. */
    readonly start: StepMetrics | undefined,
  ) {}

  static async read(store: RunStore, runId: string, from: Checkpoint | undefined): Promise<RecordedSteps> {
    const metrics = from ? await store.metrics(runId) : [];
    const later = metrics.filter(({ step }) => step > (from?.step ?? 0));
    return new RecordedSteps(
      new Map(later.map((line) => [line.step, line])),
      metrics.find(({ step }) => step === from?.step),
    );
  }

  /** Whether steps after the checkpoint are stored. */
  get isEmpty(): boolean {
    return this.lines.size === 0;
  }

  /** Of a step computed again: `same` but for timings, `different`, or `new` when none is stored. */
  compare(metrics: StepMetrics): 'same' | 'different' | 'new' {
    const stored = this.lines.get(metrics.step);
    if (!stored) return 'new';
    const names = [...Object.keys(stored), ...Object.keys(metrics)].filter((name) => !isTiming(name));
    return names.every((name) => Object.is(stored[name], metrics[name])) ? 'same' : 'different';
  }

  forget(): void {
    this.lines.clear();
  }
}
