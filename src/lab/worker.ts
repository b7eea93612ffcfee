/** The engine's worker: owns the device, runs one experiment at a time, speaks `LabApi`. */
import { expose } from 'comlink';
import { Gpu, NoGpuError } from '../gpu/device';
import { runSelfTest } from '../gpu/selftest';
import { openModelDirectory } from '../model/directory';
import type { RewardInput } from '../rl/reward';
import { openIndexedDbStore, type IndexedDbStore } from '../store';
import { DatasetStore } from '../store/datasets';
import { DemonstrationStore } from '../store/demonstrations';
import { PackageStore } from '../store/packages';
import type { LoadedCheckpoint } from '../store/types';
import { adapterName, adapterReport } from './adapter-report';
import { RunControl } from './control';
import { prepareRun, type Prepared } from './dataset';
import { namedSource } from './models/named';
import { preparePackages } from './packages';
import { remoteInterpreters } from '../tools/browser/remote';
import type { OpenInterpreter } from '../tools/types';
import { RUN_LOCK, type EngineApi, type EngineStatus, type LabEvent } from './protocol';
import { runExperiment } from './runner';
import { newRun } from './new-run';
import { parseExperiment, type Experiment } from './schema';

class LabWorker implements EngineApi {
  private gpu?: Promise<Gpu>;
  private store?: Promise<IndexedDbStore>;
  private readonly datasets = new DatasetStore();
  private readonly demonstrations = new DemonstrationStore();
  private readonly packages = new PackageStore();
  private active?: { runId: string; control: RunControl; done: Promise<unknown> };
  private openInterpreter?: OpenInterpreter;
  private emit: (event: LabEvent) => void = () => undefined;

  async engine(): Promise<EngineStatus> {
    try {
      return { state: 'ready', adapter: adapterReport(await this.openGpu()) };
    } catch (error) {
      const reason = error instanceof NoGpuError ? error.reason : 'failed';
      return {
        state: 'unavailable',
        reason,
        message: error instanceof Error ? error.message : String(error),
      };
    }
  }

  async doctor() {
    return runSelfTest(await this.openGpu(), 1);
  }

  async testReward(code: string, inputs: readonly RewardInput[]) {
    const { testReward } = await import('./custom-reward/custom-reward');
    return testReward(code, inputs);
  }

  async start(input: Experiment): Promise<string> {
    this.requireIdle();
    const prepared = await this.prepare(input, 0);
    const { experiment } = prepared;
    const gpu = await this.openGpu();
    const store = await this.openStore();
    const run = newRun(experiment, adapterName(gpu));
    await this.launch(run.id, prepared, gpu, store, async () => {
      await store.createRun(run);
      return undefined;
    });
    return run.id;
  }

  async resume(runId: string): Promise<void> {
    this.requireIdle();
    const gpu = await this.openGpu();
    const store = await this.openStore();
    const run = await store.getRun(runId);
    if (!run) throw new Error('This run is no longer stored, so it cannot go on.');
    const newest = (await store.checkpoints(runId)).at(-1)?.step ?? 0;
    const prepared = await this.prepare(run.experiment, newest);
    await this.launch(runId, prepared, gpu, store, async () => {
      const { experiment } = prepared;
      if (!run.adapter) await store.updateRun(runId, { adapter: adapterName(gpu), experiment });
      // Without a checkpoint nothing was committed: step 0 comes with one.
      return store.latestCheckpoint(runId);
    });
  }

  pause(): Promise<void> {
    this.active?.control.pause();
    return Promise.resolve();
  }

  unpause(): Promise<void> {
    this.active?.control.unpause();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.active?.control.stop();
    await this.active?.done.catch(() => undefined);
  }

  subscribe(listener: (event: LabEvent) => void): Promise<void> {
    this.emit = throttled(listener);
    return Promise.resolve();
  }

  connectTools(port: MessagePort): Promise<void> {
    this.openInterpreter = remoteInterpreters(port);
    return Promise.resolve();
  }

  /**
   * @param step from which the run goes on
   * @throws ExperimentError when the document is not valid or its data not as it should be; StoreError
   */
  private async prepare(input: unknown, step: number): Promise<Prepared> {
    const { experiment, packages } = await preparePackages(parseExperiment(input), (name) =>
      this.packages.bytes(name),
    );
    // The name of this worker is the page's address.
    const model = await openModelDirectory(await namedSource(experiment.model.path, self.name));
    const demonstrations = (name: string) => this.demonstrations.text(name);
    const prepared = await prepareRun(
      experiment,
      model,
      (name) => this.datasets.problems(name),
      step === 0 ? demonstrations : undefined,
    );
    return { ...prepared, packages };
  }

  private requireIdle(): void {
    if (this.active)
      throw new Error('A run is active in this tab. Stop it first; it is kept and can be continued.');
  }

  /**
   * Takes the run's lock, lets `prepare` set the store, and starts the loop without waiting for its end.
   * The lock keeps a second tab from continuing a run that is alive here.
   */
  private async launch(
    runId: string,
    prepared: Prepared,
    gpu: Gpu,
    store: IndexedDbStore,
    prepare: () => Promise<LoadedCheckpoint | undefined>,
  ): Promise<void> {
    const control = new RunControl();
    return new Promise((resolve, reject) => {
      const done = navigator.locks.request(RUN_LOCK + runId, { ifAvailable: true }, async (lock) => {
        try {
          if (!lock)
            throw new Error(
              'This run is computed in another tab, and a run has one writer. Watch it here, or stop it there first.',
            );
          const from = await prepare();
          resolve();
          await runExperiment({
            ...prepared,
            gpu,
            runId,
            store,
            openInterpreter: this.openInterpreter,
            from,
            reopen: () => this.openGpu(),
            control,
            emit: (event) => this.emit(event),
          });
        } catch (error) {
          // Before `resolve` it answers the call; after it, the run's status has told of it.
          reject(error instanceof Error ? error : new Error(String(error)));
        } finally {
          this.active = undefined;
        }
      });
      this.active = { runId, control, done };
    });
  }

  private openGpu(): Promise<Gpu> {
    this.gpu ??= Gpu.open().then((gpu) => {
      void gpu.device.lost.then(() => (this.gpu = undefined));
      return gpu;
    });
    this.gpu.catch(() => (this.gpu = undefined));
    return this.gpu;
  }

  private openStore(): Promise<IndexedDbStore> {
    this.store ??= openIndexedDbStore();
    this.store.catch(() => (this.store = undefined));
    return this.store;
  }
}

/** Lets at most five progress events a second through; every other event passes. */
function throttled(listener: (event: LabEvent) => void): (event: LabEvent) => void {
  let last = 0;
  let phase = '';
  return (event) => {
    if (event.type === 'progress') {
      const now = performance.now();
      if (event.phase === phase && now - last < 200) return;
      last = now;
      phase = event.phase;
    }
    listener(event);
  };
}

expose(new LabWorker());
