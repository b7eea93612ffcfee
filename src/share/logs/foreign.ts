import type { RunRecord } from '../../store/types';

export const LOG_FRAMEWORKS = ['TRL', 'verl'] as const;
export type LogFramework = (typeof LOG_FRAMEWORKS)[number];

/** Whether a run was computed elsewhere: it is no run of its experiment here, whatever its settings say. */
export const isForeign = ({ adapter }: Pick<RunRecord, 'adapter'>): boolean =>
  LOG_FRAMEWORKS.some((framework) => framework === adapter);
