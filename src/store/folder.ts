/**
 * One run in one folder, for Node:
 *
 *     run.json                              the head: the run, how much of each file is committed, which checkpoints count
 *     metrics.jsonl  rollouts.jsonl         a line per step, a line per rollout
 *     reference.jsonl                       the curves that lie behind: of the run it was forked from, a line per step
 *     checkpoints/<generation>-step-<step>/ manifest.json, arrays.bin (float32, little-endian, in the manifest's order)
 *
 * Replacing run.json is the commit: whatever a killed process left beyond it is neither read nor kept.
 */
import { mkdir, readFile, readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CHUNK_BYTES, checkpointInfos, firstIntact, retained, scoresOf } from './checkpoint';
import { CheckpointFolders } from './checkpoint-folders';
import { TEMPORARY, appendLines, errorCode, ifMissing, readLines, replaceFile, syncDirectory } from './files';
import { parseHead, type Head } from './head';
import { Queue } from './queue';
import { decodeMetrics, decodeRollout, encodeLine } from './records';
import { ROLLOUT_KINDS, checkCommit, checkKept, describe, kept, quote, requireRun } from './rules';
import { StoreError } from './types';
import type {
  Checkpoint,
  CheckpointInfo,
  LoadedCheckpoint,
  MetricsRecord,
  RolloutFilter,
  RolloutRecord,
  RunPatch,
  RunRecord,
  RunStore,
  RunUsage,
  StepCommit,
  StoredCheckpoint,
} from './types';

const HEAD = 'run.json';
const METRICS = 'metrics.jsonl';
const ROLLOUTS = 'rollouts.jsonl';
const REFERENCE = 'reference.jsonl';
const CHECKPOINTS = 'checkpoints';

export interface FolderOptions {
  /** Size of a checkpoint's chunk, a multiple of 4. */
  chunkBytes?: number;
}

/** Reads the folder anew at each call; opening and reading change nothing in it. One process may write at a time. */
export class FolderStore implements RunStore {
  readonly #checkpoints: CheckpointFolders;
  readonly #writes = new Queue();

  constructor(
    readonly dir: string,
    { chunkBytes = CHUNK_BYTES }: FolderOptions = {},
  ) {
    this.#checkpoints = new CheckpointFolders(this.#path(CHECKPOINTS), chunkBytes);
  }

  /**
   * The folder's run.
   * @throws StoreError when the folder holds none, or one that this version cannot read.
   */
  async run(): Promise<RunRecord> {
    const head = await this.#head();
    if (head) return this.#runOf(head);
    throw new StoreError(
      `${this.dir} holds no run: it is empty or does not exist. Name the folder of a run, or start one there.`,
    );
  }

  createRun(run: RunRecord, first?: StepCommit): Promise<void> {
    return this.#writes.run(async () => {
      const head = await this.#head();
      if (head) {
        throw new StoreError(
          `${this.dir} already holds the run ${quote(head.run.name)}, at step ${head.run.step}; it was left as it is. Continue it, or choose another folder.`,
        );
      }
      try {
        await mkdir(this.dir, { recursive: true });
        const { reference, ...rest } = run;
        const committed = { metrics: 0, rollouts: 0 };
        const empty: Head = { version: 1, run: rest, committed, checkpoints: [] };
        const begun = await this.#putReference(empty, reference);
        await this.#writeHead(first ? await this.#putStep(begun, first) : begun);
        await syncDirectory(dirname(this.dir));
      } catch (error) {
        throw new StoreError(
          `The run could not be created in ${this.dir}: ${describe(error)}. Choose a folder that can be written.`,
          { cause: error },
        );
      }
    });
  }

  async listRuns(): Promise<RunRecord[]> {
    const head = await this.#head();
    return head ? [await this.#runOf(head)] : [];
  }

  async getRun(id: string): Promise<RunRecord | undefined> {
    const head = await this.#headOf(id);
    return head && this.#runOf(head);
  }

  updateRun(id: string, patch: RunPatch): Promise<void> {
    return this.#write(id, 'a change to the run', (head) => {
      const { reference, ...rest } = patch;
      const next = { ...head, run: { ...head.run, updatedAt: Date.now(), ...rest } };
      return 'reference' in patch ? this.#putReference(next, reference) : Promise.resolve(next);
    });
  }

  deleteRun(id: string): Promise<void> {
    return this.#writes.run(async () => {
      if (!(await this.#headOf(id))) return;
      try {
        // The head first, so that a half-deleted run is no run; then only what the lab wrote, whatever else is there.
        for (const name of [HEAD, METRICS, ROLLOUTS, REFERENCE]) await rm(this.#path(name), { force: true });
        await this.#checkpoints.sweep([]);
        for (const dir of [this.#path(CHECKPOINTS), this.dir]) await rmdir(dir).catch(() => undefined);
      } catch (error) {
        throw new StoreError(
          `Not all of ${this.dir} could be deleted: ${describe(error)}. Delete the folder by hand.`,
          { cause: error },
        );
      }
    });
  }

  commitStep(id: string, commit: StepCommit): Promise<void> {
    return this.#write(id, `step ${commit.metrics.step}`, async (head) => {
      checkCommit(head.run, commit);
      return this.#putStep({ ...head, run: { ...head.run, updatedAt: Date.now() } }, commit);
    });
  }

  keepCheckpoint(id: string, checkpoint: Checkpoint): Promise<void> {
    return this.#write(id, `the checkpoint of step ${checkpoint.step}`, (head) => {
      checkKept(head.run, checkpoint);
      return this.#putCheckpoint(head, checkpoint);
    });
  }

  async metrics(id: string): Promise<MetricsRecord[]> {
    const head = await this.#headOf(id);
    return head ? this.#metricsOf(head) : [];
  }

  async rollouts(id: string, { step, kind }: RolloutFilter = {}): Promise<RolloutRecord[]> {
    const head = await this.#headOf(id);
    const records = head ? await this.#records(ROLLOUTS, head.committed.rollouts, decodeRollout) : [];
    return records
      .map(({ record }) => record)
      .filter((r) => (step === undefined || r.step === step) && (kind === undefined || r.kind === kind))
      .sort((a, b) => a.step - b.step || ROLLOUT_KINDS.indexOf(a.kind) - ROLLOUT_KINDS.indexOf(b.kind));
  }

  async latestCheckpoint(id: string): Promise<LoadedCheckpoint | undefined> {
    const head = await this.#headOf(id);
    const newestFirst = head?.checkpoints.toReversed() ?? [];
    return firstIntact(newestFirst.map((g) => ({ step: g.step, load: () => this.#checkpoints.read(g) })));
  }

  async openCheckpoint(id: string, arrays: readonly string[]): Promise<StoredCheckpoint | undefined> {
    const newestFirst = (await this.#headOf(id))?.checkpoints.toReversed() ?? [];
    return firstIntact(
      newestFirst.map((g) => ({ step: g.step, load: () => this.#checkpoints.open(g, arrays) })),
    );
  }

  async checkpoints(id: string): Promise<CheckpointInfo[]> {
    const head = await this.#headOf(id);
    if (!head) return [];
    const sized = head.checkpoints.map(async (generation) => ({
      step: generation.step,
      bytes: await this.#checkpoints.bytes(generation),
    }));
    return checkpointInfos(await Promise.all(sized), scoresOf(await this.#metricsOf(head)));
  }

  async checkpointAt(id: string, step: number): Promise<Checkpoint | undefined> {
    const generation = (await this.#headOf(id))?.checkpoints.findLast((g) => g.step === step);
    return generation && firstIntact([{ step, load: () => this.#checkpoints.read(generation) }]);
  }

  pruneCheckpoints(id: string, keep: readonly number[]): Promise<void> {
    return this.#write(id, 'the removal of checkpoints', (head) =>
      Promise.resolve({
        ...head,
        checkpoints: head.checkpoints.filter((g, i, all) => i === all.length - 1 || keep.includes(g.step)),
      }),
    );
  }

  async usage(id: string): Promise<RunUsage> {
    const head = await this.#headOf(id);
    const sizes = await Promise.all((head?.checkpoints ?? []).map((g) => this.#checkpoints.bytes(g)));
    return {
      metrics: head?.committed.metrics ?? 0,
      rollouts: head?.committed.rollouts ?? 0,
      checkpoints: sizes.reduce((sum, bytes) => sum + bytes, 0),
    };
  }

  truncateAfter(id: string, step: number): Promise<void> {
    return this.#write(id, `going back to step ${step}`, async (head) => {
      // Steps are committed in order, so what is kept is a prefix of each file.
      const prefix = (lines: { record: { step: number }; end: number }[]) =>
        lines.findLast(({ record }) => record.step <= step)?.end ?? 0;
      const committed = {
        metrics: prefix(await this.#records(METRICS, head.committed.metrics, decodeMetrics)),
        rollouts: prefix(await this.#records(ROLLOUTS, head.committed.rollouts, decodeRollout)),
      };
      const run = { ...head.run, step: Math.min(head.run.step, step), updatedAt: Date.now() };
      return { ...head, run, committed, checkpoints: head.checkpoints.filter((g) => g.step <= step) };
    });
  }

  #path(...names: string[]): string {
    return join(this.dir, ...names);
  }

  /** Undefined when the folder does not exist or is empty. */
  async #head(): Promise<Head | undefined> {
    try {
      const text = await readFile(this.#path(HEAD), 'utf8').catch(ifMissing);
      if (text !== undefined) return parseHead(text, this.dir);
      const names = (await readdir(this.dir).catch(ifMissing)) ?? [];
      if (names.every((name) => name === HEAD + TEMPORARY)) return undefined;
    } catch (error) {
      if (error instanceof StoreError) throw error;
      throw new StoreError(
        `${this.dir} cannot be read as the folder of a run: ${describe(error)}. Choose another folder.`,
        { cause: error },
      );
    }
    throw new StoreError(
      `${this.dir} is not empty and not the folder of a run (it has no ${HEAD}). Nothing was changed; choose another folder.`,
    );
  }

  async #headOf(id: string): Promise<Head | undefined> {
    const head = await this.#head();
    return head?.run.id === id ? head : undefined;
  }

  #writeHead(head: Head): Promise<void> {
    return replaceFile(this.#path(HEAD), JSON.stringify(head, null, 2) + '\n');
  }

  /** Makes files ready, then commits the head that `prepare` returns. */
  #write(id: string, what: string, prepare: (head: Head) => Promise<Head>): Promise<void> {
    return this.#writes.run(async () => {
      const head = await this.#headOf(id);
      requireRun(head?.run, id);
      if (!head) return;
      let next: Head;
      try {
        next = await prepare(head);
        await this.#writeHead(next);
      } catch (error) {
        if (error instanceof StoreError) throw error;
        const why = errorCode(error) === 'ENOSPC' ? 'the disk is full' : describe(error);
        const now = (await this.#headOf(id).catch(() => undefined)) ?? head;
        const state =
          JSON.stringify(now) === JSON.stringify(head)
            ? 'Nothing of it was stored.'
            : 'It can be read, but is not known to outlast a power cut.';
        throw new StoreError(
          `${this.dir} could not take ${what}: ${why}. ${state} ${kept(now.run, now.checkpoints.at(-1)?.step)} Free space or mend the folder, then continue the run.`,
          { cause: error },
        );
      }
      // Leftovers are never read; if they cannot be removed now, the next write tries again.
      await this.#checkpoints.sweep(next.checkpoints).catch(() => undefined);
    });
  }

  async #records<T>(
    name: string,
    committed: number,
    decode: (line: string, where: string) => T,
  ): Promise<{ record: T; end: number }[]> {
    const lines = await readLines(this.#path(name), committed).catch((error: unknown) => {
      throw new StoreError(`${this.#path(name)} cannot be read: ${describe(error)}. Nothing was changed.`, {
        cause: error,
      });
    });
    return lines.map(({ text, end }, i) => ({
      record: decode(text, `Line ${i + 1} of ${this.#path(name)}`),
      end,
    }));
  }

  async #metricsOf(head: Head): Promise<MetricsRecord[]> {
    const records = await this.#records(METRICS, head.committed.metrics, decodeMetrics);
    return [...new Map(records.map(({ record }) => [record.step, record])).values()];
  }

  async #runOf({ run, reference }: Head): Promise<RunRecord> {
    if (!reference) return run;
    const records = await this.#records(REFERENCE, reference.to, decodeMetrics);
    return {
      ...run,
      reference: records.filter(({ end }) => end > reference.from).map(({ record }) => record),
    };
  }

  /** New curves follow the former ones, which count until the head that is returned is committed. */
  async #putReference(head: Head, reference: readonly MetricsRecord[] | undefined): Promise<Head> {
    if (!reference) return { ...head, reference: undefined };
    const text = reference.map(encodeLine).join('');
    const to = await appendLines(this.#path(REFERENCE), head.reference?.to ?? 0, text);
    return { ...head, reference: { from: to - Buffer.byteLength(text), to } };
  }

  /** Makes the files of a step ready; the head that is returned commits them. */
  async #putStep(head: Head, { metrics, rollouts = [], checkpoint }: StepCommit): Promise<Head> {
    const lines = rollouts.map(encodeLine).join('');
    const committed = {
      metrics: await appendLines(this.#path(METRICS), head.committed.metrics, encodeLine(metrics)),
      rollouts: await appendLines(this.#path(ROLLOUTS), head.committed.rollouts, lines),
    };
    const next = { ...head, committed, run: { ...head.run, step: metrics.step } };
    return checkpoint ? this.#putCheckpoint(next, checkpoint) : next;
  }

  async #putCheckpoint(head: Head, checkpoint: Checkpoint): Promise<Head> {
    const generation = { generation: (head.checkpoints.at(-1)?.generation ?? 0) + 1, step: checkpoint.step };
    await this.#checkpoints.write(generation, checkpoint);
    const generations = [...head.checkpoints, generation];
    const scores = scoresOf(await this.#metricsOf(head));
    return { ...head, checkpoints: retained(generations, scores, head.run.keepEvery) };
  }
}
