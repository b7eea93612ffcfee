/**
 * What the page shows is named in the address, so that a reload or a bookmark shows it again: `#run=<id>`, `#compare` for
 * the catalogue of comparisons, `#compare=<id>`, `#runs=<id>,<id>` for runs chosen by hand, `#link=…` for
 * an experiment that somebody shares.
 */
import { isLink } from '../../share/link';
import type { LabStore } from './lab';
import type { Comparing, LabState } from './reduce';

/** Runs that can be told apart when laid side by side. */
export const MAX_CHOSEN = 6;

const paramsOf = (hash: string) => new URLSearchParams(hash.replace(/^#/, ''));

export const runInHash = (hash: string): string | null => paramsOf(hash).get('run');

export function comparingInHash(hash: string): Comparing | null {
  const params = paramsOf(hash);
  const runs = new Set(params.get('runs')?.split(',').filter(Boolean));
  if (runs.size) return { kind: 'runs', ids: [...runs].slice(0, MAX_CHOSEN) };
  const id = params.get('compare');
  if (id === null) return null;
  return id === '' ? { kind: 'setup' } : { kind: 'comparison', id };
}

/** The address of what is shown, without `#`; empty for the start page. */
export function addressOf({
  comparing,
  open,
  shared,
}: Pick<LabState, 'comparing' | 'open' | 'shared'>): string {
  if (shared) return shared.fragment;
  switch (comparing?.kind) {
    case 'setup':
      return 'compare';
    case 'comparison':
      return new URLSearchParams({ compare: comparing.id }).toString();
    case 'runs':
      return new URLSearchParams({ runs: comparing.ids.join(',') }).toString().replaceAll('%2C', ',');
    case undefined:
      return open ? new URLSearchParams({ run: open.id }).toString() : '';
  }
}

/** Keeps the address and the store in step, both ways. */
export function followHash(lab: LabStore): void {
  const go = () => {
    if (isLink(location.hash)) {
      const fragment = location.hash.slice(1);
      if (lab.getState().shared?.fragment !== fragment) void lab.getState().openLink(fragment);
      return;
    }
    const comparing = comparingInHash(location.hash);
    if (!comparing) return void lab.getState().openRun(runInHash(location.hash));
    if (addressOf({ comparing, open: null, shared: null }) !== addressOf(lab.getState()))
      void lab.getState().compare(comparing);
  };
  lab.subscribe((state, before) => {
    const address = addressOf(state);
    if (address === addressOf(before) || `#${address}` === (location.hash || '#')) return;
    history.pushState(null, '', address === '' ? location.pathname + location.search : `#${address}`);
  });
  addEventListener('hashchange', go);
  addEventListener('popstate', go);
  go();
}
