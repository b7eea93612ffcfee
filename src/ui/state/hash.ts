/** The open run is named in the address, so that a reload or a bookmark shows it again: `#run=<id>`. */
import type { LabStore } from './lab';

export function runInHash(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, '')).get('run');
}

/** Keeps the address and the store in step, both ways. */
export function followHash(lab: LabStore): void {
  const open = () => void lab.getState().openRun(runInHash(location.hash));
  lab.subscribe(({ open }, before) => {
    const id = open?.id ?? null;
    if (id === (before.open?.id ?? null) || id === runInHash(location.hash)) return;
    history.pushState(
      null,
      '',
      id === null ? location.pathname + location.search : `#${new URLSearchParams({ run: id }).toString()}`,
    );
  });
  addEventListener('hashchange', open);
  addEventListener('popstate', open);
  open();
}
