/** Pause and stop of a run, from outside its loop. */

/** Thrown inside the loop when the person stops the run; not a failure. */
export class StopRequested extends Error {
  override name = 'StopRequested';
}

export class RunControl {
  private stopping = false;
  private wake?: () => void;
  private paused?: Promise<void>;

  /** Called with true when the loop has come to rest, and with false when it goes on. */
  onRest?: (resting: boolean) => void;

  pause(): void {
    this.paused ??= new Promise((resolve) => (this.wake = resolve));
  }

  unpause(): void {
    this.paused = undefined;
    this.wake?.();
  }

  stop(): void {
    this.stopping = true;
    this.unpause();
  }

  /** @throws StopRequested */
  check(): void {
    if (this.stopping) throw new StopRequested();
  }

  /** Waits while paused. @throws StopRequested */
  async rest(): Promise<void> {
    this.check();
    if (this.paused) {
      this.onRest?.(true);
      while (this.paused !== undefined) await this.paused;
      this.onRest?.(false);
    }
    this.check();
  }
}
