/** A pre-training run in a folder: its settings, its progress and its checkpoints. */
import { isDeepStrictEqual } from 'node:util';
import type { ModelConfig } from '../model/config';
import { parameterLayout } from '../model/layout';
import type { PretrainCheckpoint, PretrainProgress, PretrainSettings } from '../sft/pretrain';
import type { FolderStore } from '../store/folder';
import type { LoadedCheckpoint, RunRecord } from '../store/types';
import { CliError } from './output';

export interface PretrainMetrics {
  step: number;
  loss: number;
  learning_rate: number;
  num_tokens: number;
  /** Seconds since the line before. */
  'time/steps': number;
  [name: string]: number;
}

export class PretrainRun {
  private metrics?: PretrainMetrics;
  private last = performance.now();
  private readonly id: string;

  private constructor(
    private readonly store: FolderStore,
    private readonly settings: PretrainSettings,
    private readonly stored: RunRecord | undefined,
    private readonly checkpoint: LoadedCheckpoint | undefined,
  ) {
    this.id = stored?.id ?? crypto.randomUUID();
  }

  /**
   * The run that the folder holds, or a new one.
   * @throws CliError when it holds another run, or one with other settings; StoreError
   */
  static async open(
    store: FolderStore,
    settings: PretrainSettings,
    config: ModelConfig,
  ): Promise<PretrainRun> {
    const [stored] = await store.listRuns();
    if (stored) requireSame(stored, settings, store.dir);
    const checkpoint = stored && (await store.latestCheckpoint(stored.id));
    if (checkpoint && checkpoint.arrays.params?.length !== parameterLayout(config).size) {
      throw new CliError(
        `The checkpoint in ${store.dir} is of a model of another size; it was left as it is. Choose another folder.`,
      );
    }
    return new PretrainRun(store, settings, stored, checkpoint);
  }

  /** Set when the newest checkpoint was damaged and the one before is used. */
  get warning(): string | undefined {
    return this.checkpoint?.warning;
  }

  /** Where to go on. */
  get from(): PretrainCheckpoint | undefined {
    if (!this.checkpoint) return undefined;
    const { step, arrays } = this.checkpoint;
    return { step, params: arrays.params, m: arrays.adam_m, v: arrays.adam_v };
  }

  /** Creates the run, or drops what was stored after its checkpoint. @throws StoreError */
  async begin(adapter: string): Promise<void> {
    const now = Date.now();
    if (!this.stored) {
      await this.store.createRun({
        id: this.id,
        name: 'Pre-training',
        experiment: { pretrain: this.settings },
        status: 'running',
        step: 0,
        createdAt: now,
        updatedAt: now,
        adapter,
      });
    } else if (this.checkpoint) await this.store.truncateAfter(this.id, this.checkpoint.step);
    this.last = performance.now();
  }

  /** The progress as it is stored and printed; `commit` of the same step stores it. */
  record({ step, loss, learningRate, tokens }: PretrainProgress): PretrainMetrics {
    const now = performance.now();
    const seconds = (now - this.last) / 1000;
    this.last = now;
    this.metrics = { step, loss, learning_rate: learningRate, num_tokens: tokens, 'time/steps': seconds };
    return this.metrics;
  }

  /** @throws StoreError */
  async commit({ step, params, m, v }: PretrainCheckpoint): Promise<void> {
    await this.store.commitStep(this.id, {
      metrics: { ...this.metrics, step },
      checkpoint: { step, arrays: { params, adam_m: m, adam_v: v }, counters: { optimizer_step: step } },
    });
  }

  /** Marks the run as finished; seconds and tokens of all of it, breaks left out. @throws StoreError */
  async finish(): Promise<{ seconds: number; tokens: number }> {
    await this.store.updateRun(this.id, { status: 'finished' });
    const all = await this.store.metrics(this.id);
    return {
      seconds: all.reduce((sum, metrics) => sum + metrics['time/steps'], 0),
      tokens: all.at(-1)?.num_tokens ?? 0,
    };
  }
}

/** @throws CliError */
function requireSame({ experiment, name }: RunRecord, settings: PretrainSettings, dir: string): void {
  const stored =
    typeof experiment === 'object' && experiment !== null && 'pretrain' in experiment
      ? experiment.pretrain
      : undefined;
  if (stored === undefined)
    throw new CliError(
      `${dir} holds the run "${name}", not a pre-training; it was left as it is. Choose another folder.`,
    );
  if (!isDeepStrictEqual(stored, JSON.parse(JSON.stringify(settings)))) {
    throw new CliError(
      `${dir} holds a pre-training with other settings; it was left as it is. Give the same --seed, --steps and --settings to continue it, or choose another folder.`,
    );
  }
}
