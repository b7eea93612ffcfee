import type { ShownStatus } from '../state/reduce';

/** A run's status in a word; an interrupted one says where, if told. */
export function StatusPill({ status, step }: { status: ShownStatus; step?: number }) {
  return <span className={`pill ${status}`}>{wordOf(status, step)}</span>;
}

function wordOf(status: ShownStatus, step?: number): string {
  if (status === 'queued') return 'waiting';
  return status === 'interrupted' && step !== undefined ? `interrupted at step ${step}` : status;
}
