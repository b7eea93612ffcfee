/** The replay buffer: groups of past steps, with the log-probs and advantages they had, to learn from again. */
import type { Random } from '../random';
import { restoreMasks, saveMasks } from './tools/mask';

/** What one response brings to an update. */
export interface Sample {
  promptIds: readonly number[];
  tokens: Uint32Array;
  /** By the policy that sampled it. */
  logps: Float32Array;
  /** 1 where a token was sampled, 0 where it is part of a call's result; absent when all were sampled. */
  toolMask?: Uint8Array;
  advantage: number;
  /** False: none of its tokens carries loss. */
  learnable: boolean;
  /** The step it was sampled in. */
  step: number;
}

export class ReplayBuffer {
  /** Groups, oldest first. */
  private groups: Sample[][] = [];

  /** @param steps how long a group is kept after its own step */
  constructor(readonly steps: number) {}

  get size(): number {
    return this.groups.length;
  }

  /** Up to `count` different groups, drawn evenly; in the buffer's order. */
  draw(count: number, random: Random): Sample[][] {
    const left = this.groups.map((_, i) => i);
    const chosen: number[] = [];
    while (chosen.length < count && left.length > 0) chosen.push(...left.splice(random.int(left.length), 1));
    return chosen.sort((a, b) => a - b).map((i) => this.groups[i]);
  }

  /** Adds the groups of `step` and forgets those that will be too old in the next. */
  add(groups: readonly Sample[][], step: number): void {
    this.groups = [...this.groups, ...groups].filter(([first]) => step + 1 - first.step <= this.steps);
  }

  /** As flat arrays, for a checkpoint. Ids and steps are exact in float32 up to 2²⁴, advantages are kept as float32. */
  save(): Record<string, Float32Array> {
    const samples = this.groups.flatMap((group, g) => group.map((sample) => ({ g, ...sample })));
    return {
      replay_samples: Float32Array.from(
        samples.flatMap((s) => [
          s.g,
          s.step,
          s.promptIds.length,
          s.tokens.length,
          s.advantage,
          Number(s.learnable),
        ]),
      ),
      replay_ids: Float32Array.from(samples.flatMap((s) => [...s.promptIds, ...s.tokens])),
      replay_logps: Float32Array.from(samples.flatMap((s) => [...s.logps])),
      ...saveMasks('replay_masks', samples),
    };
  }

  restore(arrays: Record<string, Float32Array>): void {
    const { replay_samples: fields, replay_ids: ids, replay_logps: logps } = arrays;
    this.groups = [];
    if (!fields) return;
    const maskOf = restoreMasks(arrays.replay_masks);
    let id = 0;
    let logp = 0;
    for (let at = 0; at < fields.length; at += 6) {
      const [g, step, promptLength, length, advantage, learnable] = fields.subarray(at, at + 6);
      (this.groups[g] ??= []).push({
        promptIds: [...ids.subarray(id, (id += promptLength))],
        tokens: Uint32Array.from(ids.subarray(id, (id += length))),
        logps: logps.slice(logp, (logp += length)),
        ...maskOf(length),
        advantage,
        learnable: learnable === 1,
        step,
      });
    }
  }
}
