/**
 * Several tabs on the same runs: the one whose worker holds a run's lock computes it, the others follow by what it tells on
 * a channel and by what is stored.
 */
import { RUN_LOCK, type LabEvent } from '../../lab/protocol';
import type { LabStore } from './lab';

const CHANNEL = 'reasoning-rl-lab runs';

export interface Tabs {
  /** Tells the other tabs what the worker of this one told. */
  tell: (event: LabEvent) => void;
  /** Begins to follow the runs of the others. */
  follow: (lab: LabStore) => void;
}

export function openTabs(channel = new BroadcastChannel(CHANNEL), locks = navigator.locks): Tabs {
  const waiting = new Set<string>();

  /** A run's lock is shared out when the tab that computes the run lets go of it or is gone. */
  const awaitEnd = async (lab: LabStore, runId: string) => {
    if (waiting.has(runId)) return;
    waiting.add(runId);
    await locks.request(RUN_LOCK + runId, { mode: 'shared' }, () => undefined);
    waiting.delete(runId);
    await lab.getState().receiveElsewhere({ type: 'released', runId });
  };

  return {
    tell: (event) => channel.postMessage(event),
    follow(lab) {
      lab.subscribe(({ elsewhere }, before) => {
        if (elsewhere === before.elsewhere) return;
        for (const runId of Object.keys(elsewhere)) void awaitEnd(lab, runId);
      });
      channel.onmessage = ({ data }: MessageEvent<LabEvent>) => void lab.getState().receiveElsewhere(data);
      void locks.query().then(({ held = [] }) => {
        for (const { name = '' } of held)
          if (name.startsWith(RUN_LOCK))
            void lab.getState().receiveElsewhere({ type: 'held', runId: name.slice(RUN_LOCK.length) });
      });
    },
  };
}
