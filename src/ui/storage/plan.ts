/** Which checkpoints of the stored runs could go, by a policy. */
import type { CheckpointInfo } from '../../store/types';

/** What stays of each run beside its newest checkpoint. */
export interface Policy {
  best: boolean;
  /** Of every so many steps; 0 for none. */
  every: number;
}

export interface Pruning {
  /** Steps whose checkpoints stay. */
  keep: number[];
  /** How many go, and their bytes. */
  count: number;
  bytes: number;
}

/** @param checkpoints of one run, ascending */
export function planPruning(checkpoints: readonly CheckpointInfo[], { best, every }: Policy): Pruning {
  const top = Math.max(...checkpoints.map(({ score }) => score ?? -Infinity));
  const bestStep = best ? checkpoints.findLast(({ score }) => score === top)?.step : undefined;
  const stays = ({ step }: CheckpointInfo, i: number) =>
    i === checkpoints.length - 1 || step === bestStep || (every > 0 && step % every === 0);
  const goes = checkpoints.filter((checkpoint, i) => !stays(checkpoint, i));
  return {
    keep: checkpoints.filter(stays).map(({ step }) => step),
    count: goes.length,
    bytes: goes.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
