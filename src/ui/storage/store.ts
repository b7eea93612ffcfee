/** How much room the stored runs take, and what a person has decided about it. */
import { create } from 'zustand';
import type { RunRecord, RunUsage } from '../../store/types';

/** What is remembered across visits. */
interface Settings {
  /** Megabytes that the runs may take before the page says so; 0 is as much as the browser gives. */
  budget: number;
  /** New runs keep a checkpoint of every so many steps for good; 0 keeps only the best and the last two. */
  keepEvery: number;
}

interface StorageState extends Settings {
  /** Bytes by run. */
  sizes: Readonly<Record<string, number>>;
  change: (settings: Partial<Settings>) => void;
  /** Measures the runs whose step has changed since they were measured. */
  measure: (runs: readonly RunRecord[], usageOf: (id: string) => Promise<RunUsage>) => Promise<void>;
  /** The run is measured anew next time. */
  forget: (id: string) => void;
}

const KEY = 'lab storage';
const DEFAULTS: Settings = { budget: 0, keepEvery: 20 };
const measured = new Map<string, number>();

export const useStorage = create<StorageState>((set, get) => ({
  ...readSettings(),
  sizes: {},

  change(settings) {
    set(settings);
    const { budget, keepEvery } = get();
    try {
      localStorage.setItem(KEY, JSON.stringify({ budget, keepEvery }));
    } catch {
      // Without local storage the decision holds until the page is left.
    }
  },

  async measure(runs, usageOf) {
    const ids = new Set(runs.map(({ id }) => id));
    set(({ sizes }) => ({ sizes: Object.fromEntries(Object.entries(sizes).filter(([id]) => ids.has(id))) }));
    for (const { id, step } of runs) {
      if (measured.get(id) === step) continue;
      measured.set(id, step);
      const { metrics, rollouts, checkpoints } = await usageOf(id);
      set(({ sizes }) => ({ sizes: { ...sizes, [id]: metrics + rollouts + checkpoints } }));
    }
  },

  forget: (id) => void measured.delete(id),
}));

function readSettings(): Settings {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    const of = (name: keyof Settings) => {
      const value: unknown = Object.entries(stored ?? {}).find(([key]) => key === name)?.[1];
      return typeof value === 'number' && value >= 0 && value <= 1e9 ? value : DEFAULTS[name];
    };
    return { budget: of('budget'), keepEvery: Math.floor(of('keepEvery')) };
  } catch {
    return DEFAULTS;
  }
}

export const totalSize = (sizes: StorageState['sizes']): number =>
  Object.values(sizes).reduce((sum, bytes) => sum + bytes, 0);
