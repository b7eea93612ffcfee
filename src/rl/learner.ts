/** What learns over a run: the policy, and everything that the next step depends on beside its weights. */
import type { AdamWSettings } from '../gpu/kernels/optimizer';
import { Random } from '../random';
import { adaptBeta, betaOfStep, type KlEstimator, type KlScheduleSettings } from './kl';
import type { ObjectiveSettings } from './objective';
import type { Policy } from './policy';
import { ReplayBuffer, type Sample } from './replay';
import { STREAMS } from './streams';
import { updatePolicy, type UpdateResult } from './update';

export interface KlSettings extends KlScheduleSettings {
  estimator: KlEstimator;
  placement: 'loss' | 'reward' | 'both';
  /** The reference becomes the policy every so many steps; 0 is never. */
  syncSteps: number;
}

export interface EntropySettings {
  coef: number;
  /** Changes the coefficient by `delta` a step, up while the entropy is below `target` and down while above, within [0, 1]. */
  adaptive?: { target: number; delta: number };
}

export interface StrategySettings {
  /** Updates that a batch of rollouts is split into, by groups. */
  miniBatches: number;
  /** Times a batch is used. */
  numIterations: number;
  /** Past steps whose groups are kept for replay; 0 is none. */
  replaySteps: number;
  /** Replayed groups for each fresh one. */
  replayRatio: number;
}

export interface LearnSettings {
  seed: number;
  temperature: number;
  objective: Omit<ObjectiveSettings, 'beta' | 'entropyCoef' | 'klEstimator'>;
  topEntropyQuantile: number;
  kl: KlSettings;
  entropy: EntropySettings;
  strategy: StrategySettings;
  optimizer: AdamWSettings;
}

/** Updates of one step, put together. */
export interface LearnResult extends UpdateResult {
  updates: number;
  /** Replayed groups, and how many steps old they are on average. */
  replayed: number;
  replayAge: number;
}

/** The adaptive entropy bonus stays within [0, this]. */
const LARGEST_ENTROPY_COEF = 1;

export class Learner {
  private readonly replay: ReplayBuffer;
  private adaptedBeta: number;
  private adaptedEntropyCoef: number;

  constructor(
    readonly policy: Policy,
    kl: KlSettings,
    entropy: EntropySettings,
    strategy: StrategySettings,
  ) {
    this.replay = new ReplayBuffer(strategy.replaySteps);
    this.adaptedBeta = kl.beta;
    this.adaptedEntropyCoef = entropy.coef;
  }

  /** The KL coefficient of a step. */
  beta(step: number, kl: KlSettings): number {
    return betaOfStep(kl, step, this.adaptedBeta);
  }

  entropyCoef(entropy: EntropySettings): number {
    return entropy.adaptive ? this.adaptedEntropyCoef : entropy.coef;
  }

  /**
   * Learns from the groups of a step: mini-batches, epochs, replay; then lets the coefficients and the reference follow.
   * @param groups fresh samples; those of one group stay in one mini-batch
   * @param onProgress samples done
   * @throws GpuError
   */
  async learn(
    step: number,
    groups: readonly Sample[][],
    settings: LearnSettings,
    onProgress?: (done: number, total: number) => void,
  ): Promise<LearnResult> {
    const { strategy, kl, entropy, seed } = settings;
    const random = new Random(seed, STREAMS.minibatches + step);
    const replayed = this.replay.draw(Math.round(groups.length * strategy.replayRatio), random);
    const all = [...groups, ...replayed];
    const onPolicy = strategy.miniBatches * strategy.numIterations === 1 && replayed.length === 0;
    const beta = this.beta(step, kl);
    const update = {
      objective: {
        ...settings.objective,
        beta: kl.placement === 'reward' ? 0 : beta,
        klEstimator: kl.estimator,
        entropyCoef: this.entropyCoef(entropy),
      },
      topEntropyQuantile: settings.topEntropyQuantile,
      optimizer: settings.optimizer,
      temperature: settings.temperature,
    };

    const results: UpdateResult[] = [];
    const total = strategy.numIterations * all.reduce((sum, group) => sum + group.length, 0);
    let done = 0;
    for (let epoch = 0; epoch < strategy.numIterations; epoch++) {
      for (const batch of split(
        strategy.miniBatches > 1 ? random.shuffle([...all]) : all,
        strategy.miniBatches,
      )) {
        const samples = batch.flat();
        const before = done;
        results.push(
          await updatePolicy(this.policy, samples, update, onPolicy, (d) => onProgress?.(before + d, total)),
        );
        done += samples.length;
      }
    }
    if (strategy.replaySteps > 0) this.replay.add(groups, step);

    const result = combine(results);
    if (kl.schedule === 'adaptive') {
      const samples = groups.reduce((sum, group) => sum + group.length, 0);
      this.adaptedBeta = adaptBeta(this.adaptedBeta, result.kl, samples, kl);
    }
    if (entropy.adaptive) {
      const { target, delta } = entropy.adaptive;
      const moved = this.adaptedEntropyCoef + (result.entropy < target ? delta : -delta);
      this.adaptedEntropyCoef = Math.min(Math.max(0, moved), LARGEST_ENTROPY_COEF);
    }
    if (kl.syncSteps > 0 && step % kl.syncSteps === 0) this.policy.refreshReference();
    const age = replayed.reduce((sum, [first]) => sum + step - first.step, 0);
    return {
      ...result,
      updates: results.length,
      replayed: replayed.length,
      replayAge: replayed.length ? age / replayed.length : 0,
    };
  }

  /** What a checkpoint needs beside weights and moments. Float64 coefficients are counters: exact. */
  async save(): Promise<{ arrays: Record<string, Float32Array>; counters: Record<string, number> }> {
    const reference = await this.policy.referenceParams?.read();
    return {
      arrays: { ...(reference && { reference }), ...(this.replay.steps > 0 && this.replay.save()) },
      counters: { kl_coef: this.adaptedBeta, entropy_coef: this.adaptedEntropyCoef },
    };
  }

  restore(arrays: Record<string, Float32Array>, counters: Record<string, number>): void {
    if (arrays.reference) this.policy.referenceParams?.write(arrays.reference);
    this.replay.restore(arrays);
    this.adaptedBeta = counters.kl_coef ?? this.adaptedBeta;
    this.adaptedEntropyCoef = counters.entropy_coef ?? this.adaptedEntropyCoef;
  }
}

/** `items` in at most `parts` runs of nearly equal length; none is empty. */
export function split<T>(items: readonly T[], parts: number): T[][] {
  const count = Math.min(parts, items.length);
  return Array.from({ length: count }, (_, i) =>
    items.slice(Math.floor((i * items.length) / count), Math.floor(((i + 1) * items.length) / count)),
  );
}

/** Means over tokens of the updates' means; losses and norms are means over updates. */
function combine(results: readonly UpdateResult[]): UpdateResult {
  const tokens = results.reduce((sum, r) => sum + r.tokens, 0);
  const overTokens = (of: (r: UpdateResult) => number) =>
    tokens ? results.reduce((sum, r) => sum + of(r) * r.tokens, 0) / tokens : 0;
  const overUpdates = (of: (r: UpdateResult) => number) =>
    results.length ? results.reduce((sum, r) => sum + of(r), 0) / results.length : 0;
  return {
    loss: overUpdates((r) => r.loss),
    gradNorm: overUpdates((r) => r.gradNorm),
    tokens,
    entropy: overTokens((r) => r.entropy),
    kl: overTokens((r) => r.kl),
    policyKl: overTokens((r) => r.policyKl),
    clipped: { low: overTokens((r) => r.clipped.low), high: overTokens((r) => r.clipped.high) },
    mismatch: {
      mean: overTokens((r) => r.mismatch.mean),
      max: Math.max(0, ...results.map((r) => r.mismatch.max)),
    },
  };
}
