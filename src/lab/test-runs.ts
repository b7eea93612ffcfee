/** Short runs of an untrained tiny model on a GPU, kept in IndexedDB, for tests of the runner. */
import { expect, vi } from 'vitest';
import type { Gpu } from '../gpu/device';
import { sharedGpu } from '../gpu/testing';
import { tinyDirectory } from '../rl/testing';
import { IndexedDbStore } from '../store';
import { countdown } from '../tasks/countdown';
import type { RunControl } from './control';
import type { LabEvent } from './protocol';
import { runExperiment } from './runner';
import { parseExperiment, type Experiment, type ExperimentInput } from './schema';
import { outcomeOf, storeRun } from './testing';

export interface Run {
  id: string;
  experiment: Experiment;
}

interface Watch {
  control?: RunControl;
  on?: (event: LabEvent) => void;
  /** Instead of the store itself. */
  into?: IndexedDbStore;
  model?: ReturnType<typeof tinyDirectory>;
}

export class TestRuns {
  private created = 0;

  private constructor(
    readonly gpu: Gpu,
    readonly store: IndexedDbStore,
    private readonly defaults: ExperimentInput,
  ) {}

  /** @param defaults settings of all runs, where a run has none of its own */
  static async open(defaults: ExperimentInput): Promise<TestRuns> {
    // An untrained model is never right. So that there is something to learn, here all that ends is.
    vi.spyOn(countdown, 'verify').mockReturnValue({ correct: true, extracted: null, reason: 'it ended' });
    const store = new IndexedDbStore({ name: `runner test ${Date.now()}` });
    return new TestRuns(await sharedGpu(), store, defaults);
  }

  async close(): Promise<void> {
    vi.restoreAllMocks();
    await this.store.close();
  }

  /** A stored run that has not begun. */
  async create(input: ExperimentInput = {}): Promise<Run> {
    const experiment = parseExperiment({ ...this.defaults, ...input });
    const id = `run ${++this.created}`;
    await storeRun(this.store, id, experiment, this.created);
    return { id, experiment };
  }

  /** Runs, or goes on from the last checkpoint as the worker does, and checks that the GPU is empty afterwards. */
  async go({ id, experiment }: Run, { control, on, into = this.store, model }: Watch = {}) {
    const from = await this.store.latestCheckpoint(id);
    const events: LabEvent[] = [];
    const emit = (event: LabEvent) => {
      events.push(event);
      on?.(event);
    };
    const { gpu } = this;
    const options = { gpu, runId: id, experiment, model: model ?? tinyDirectory(5), from, emit, control };
    try {
      return { status: await runExperiment({ ...options, store: into }), events };
    } finally {
      await gpu.settle();
      expect(gpu.allocatedBytes).toBe(0);
    }
  }

  /** Everything of a run that must not depend on the machine or on pauses. */
  outcome({ id }: Run) {
    return outcomeOf(this.store, id);
  }
}
