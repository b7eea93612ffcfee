/** Starts sandboxes of one kind. */
import type { SandboxFiles, SandboxStart, Started } from './protocol';
import type { ToolLimits } from '../types';

/** Hands each sandbox its files. The first to start leaves a snapshot, for which the others wait. */
export class Starter {
  private first: Promise<void> | undefined;

  constructor(
    private readonly files: SandboxFiles,
    private readonly limits: ToolLimits,
    /** Whether this kind leaves a snapshot. */
    private readonly leavesSnapshot: boolean,
  ) {}

  /** @param send hands one sandbox what it needs, and settles when it has started */
  async start(send: (start: SandboxStart) => Promise<Started>): Promise<void> {
    const { files, limits } = this;
    if (this.leavesSnapshot && !files.snapshot) {
      if (!this.first) return (this.first = this.startFirst(send));
      await this.first.catch(() => undefined);
      if (!files.snapshot) return this.start(send);
    }
    await send({ files, limits });
  }

  private async startFirst(send: (start: SandboxStart) => Promise<Started>): Promise<void> {
    try {
      const { snapshot } = await send({ files: this.files, limits: this.limits });
      this.files.snapshot = snapshot;
    } finally {
      this.first = undefined;
    }
  }
}
