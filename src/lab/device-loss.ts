/** What a run does when its graphics device is lost: a driver reset, a crashed GPU process, `device.destroy()`. */
import { DeviceLostError, type Gpu } from '../gpu/device';
import type { LoadedCheckpoint, RunStore } from '../store/types';

interface Options {
  runId: string;
  store: RunStore;
  /** Opens a new device. */
  reopen?: () => Promise<Gpu>;
  note: (message: string) => void;
  /** What the run takes of its memory, and with which settings it takes less. */
  smaller: () => string;
}

/** Where a run goes on. */
export interface Restart {
  gpu: Gpu;
  from: LoadedCheckpoint | undefined;
}

/** A run goes on by itself after each loss, as long as a step was committed since the one before. */
export class DeviceLosses {
  private lastStep = -2;

  constructor(private readonly options: Options) {}

  /**
   * Tells of the loss and opens a new device.
   * @throws `error` when the device is not lost; DeviceLostError when the run cannot go on by itself
   */
  async restart(error: unknown, gpu: Gpu): Promise<Restart> {
    const reason = await gpu.lossReason();
    if (reason === undefined) throw error;
    const { store, runId, reopen, note, smaller } = this.options;
    const from = await store.latestCheckpoint(runId);
    const step = from ? ((await store.getRun(runId))?.step ?? from.step) : -1;
    const happened = `The graphics device was lost (${reason}).`;
    const kept = from
      ? `Steps up to ${step} are kept, with a checkpoint of step ${from.step}`
      : 'Nothing had been committed yet';
    const giveUp = (why: string) =>
      new DeviceLostError(
        `${happened} ${kept}. ${why} Continue goes on from there; if it happens again, restart the browser, or let the run take less memory. ${smaller()}`,
        { cause: error },
      );
    if (!reopen) throw giveUp('This device is gone.');
    if (step <= this.lastStep) throw giveUp('It was lost before too, with no step in between.');
    this.lastStep = step;
    const opened = await reopen().catch((cause: unknown) => {
      throw giveUp(`No other could be opened: ${cause instanceof Error ? cause.message : String(cause)}`);
    });
    note(`${happened} ${kept}; the run goes on from there on a new device.`);
    return { gpu: opened, from };
  }
}
