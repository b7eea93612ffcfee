/** The part of the Data dialog about demonstrations: what it shows, and what can be done with files of them. */
import { create } from 'zustand';
import type { DemonstrationsSummary } from '../../lab/import-protocol';
import { DemonstrationStore, type DemonstrationsRecord } from '../../store/demonstrations';
import { useForm } from '../forms/store';
import { messageOf } from '../state/lab';
import { ask } from './importer';

interface DemonstrationsState {
  /** Null until they have been read. */
  files: readonly DemonstrationsRecord[] | null;
  /** Of the file that was read last. */
  summary: DemonstrationsSummary | null;
  /** What that file has been stored as. */
  saved: DemonstrationsRecord | null;
  busy: 'reading' | 'saving' | null;
  error: string | null;
  /** Forgets the file that was read last. */
  clear: () => void;
  /** Reads the list of stored files. */
  list: () => Promise<void>;
  read: (file: File) => Promise<void>;
  save: (name: string) => Promise<void>;
  rename: (file: DemonstrationsRecord, name: string) => Promise<void>;
  remove: (file: DemonstrationsRecord) => Promise<void>;
}

const store = new DemonstrationStore();
const nothing = { summary: null, saved: null, busy: null, error: null };

export const useDemonstrations = create<DemonstrationsState>((set, get) => {
  const list = async () => set({ files: await store.list() });
  const guarded = async (work: () => Promise<void>, busy: DemonstrationsState['busy'] = null) => {
    set({ error: null, busy });
    try {
      await work();
    } catch (error) {
      set({ error: messageOf(error) });
    } finally {
      if (busy) set({ busy: null });
    }
  };
  return {
    files: null,
    ...nothing,
    clear: () => set(nothing),
    list: () => guarded(list),
    read: (file) => {
      set({ summary: null, saved: null });
      return guarded(
        async () => set({ summary: await ask((api) => api.readDemonstrations(file)) }),
        'reading',
      );
    },
    save: (name) =>
      guarded(async () => {
        set({ saved: await ask((api) => api.saveDemonstrations(name)) });
        await list();
      }, 'saving'),
    rename: (file, name) =>
      guarded(async () => {
        await store.rename(file.id, name);
        if (isInForm(file)) useForm.getState().change('sft.file', name.trim());
        await list();
      }),
    remove: (file) =>
      guarded(async () => {
        await store.remove(file.id);
        if (get().saved?.id === file.id) set({ saved: null });
        await list();
      }),
  };
});

/** Whether the cold start of the experiment in the form learns from a file. */
export function isInForm({ name }: DemonstrationsRecord): boolean {
  const { draft } = useForm.getState();
  return draft['sft.source'] === 'imported' && draft['sft.file'] === name;
}

/** SFT steps of an experiment that had none. */
const SOME_STEPS = '20';

/** The cold start of the experiment in the form learns from it. */
export function putInForm({ name }: DemonstrationsRecord): void {
  const { change, draft } = useForm.getState();
  change('sft.source', 'imported');
  change('sft.file', name);
  change('sft.sha256', '');
  if (Number(draft['sft.steps']) === 0) change('sft.steps', SOME_STEPS);
}
