/** What a page's database holds of a run. */
import type { Page } from '@playwright/test';

export interface Stored {
  status: string;
  step: number;
  metrics: Record<string, number>[];
  rollouts: { step: number; kind: string }[];
  /** Of the newest checkpoint: step, counters, and a SHA-256 over all its bytes. */
  checkpoint?: { step: number; counters: unknown; sha256: string };
}

/** What the database holds of a run, read past the lab's own code. Timings are left out. */
export function stored(page: Page, id: string): Promise<Stored> {
  return page.evaluate(async (id) => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(new Error(String(request.error)));
      });
    const db = await done(indexedDB.open('reasoning-rl-lab'));
    const tx = db.transaction(['runs', 'metrics', 'rollouts', 'manifests', 'chunks']);
    const all = <T>(table: string, ...prefix: (string | number)[]) =>
      done(
        tx.objectStore(table).getAll(IDBKeyRange.bound([id, ...prefix], [id, ...prefix, []])) as IDBRequest<
          T[]
        >,
      );
    const run = await done(tx.objectStore('runs').get(id) as IDBRequest<{ status: string; step: number }>);
    const lines = await all<Record<string, number>>('metrics');
    const rollouts = await all<Stored['rollouts']>('rollouts');
    const [manifest] = (await all<{ step: number; counters: unknown }>('manifests')).slice(-1);
    const keys = await done(tx.objectStore('manifests').getAllKeys(IDBKeyRange.bound([id], [id, []])));
    const generation = (keys.at(-1) as [string, number] | undefined)?.[1];
    const chunks = generation === undefined ? [] : await all<Uint8Array<ArrayBuffer>>('chunks', generation);
    db.close();
    const digest = await crypto.subtle.digest('SHA-256', await new Blob(chunks).arrayBuffer());
    const sha256 = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
    const isTiming = (name: string) => name.startsWith('time/') || name === 'tokens_per_second';
    return {
      status: run.status,
      step: run.step,
      metrics: lines.map((line) =>
        Object.fromEntries(Object.entries(line).filter(([name]) => !isTiming(name))),
      ),
      rollouts: rollouts.flat(),
      checkpoint: manifest && { step: manifest.step, counters: manifest.counters, sha256 },
    };
  }, id);
}
