/** The Data dialog: what it shows, and what can be done with files and stored data sets. */
import { create } from 'zustand';
import type { ImportSummary } from '../../lab/import-protocol';
import { DatasetStore, type DatasetRecord } from '../../store/datasets';
import { usesDataset } from '../../lab/schema';
import { useForm } from '../forms/store';
import { messageOf } from '../state/lab';
import { useDemonstrations } from './demonstrations';
import { ask, stop } from './importer';

export type DataTab = 'questions' | 'demonstrations';

interface DataState {
  shown: boolean;
  tab: DataTab;
  /** Null until they have been read. */
  datasets: readonly DatasetRecord[] | null;
  /** Of the file that was read last. */
  summary: ImportSummary | null;
  /** What that file has been stored as. */
  saved: DatasetRecord | null;
  busy: 'reading' | 'saving' | null;
  error: string | null;
  show: (tab: DataTab) => void;
  close: () => void;
  /** Reads the list of stored data sets. */
  list: () => Promise<void>;
  read: (file: File) => Promise<void>;
  save: (name: string) => Promise<void>;
  rename: (dataset: DatasetRecord, name: string) => Promise<void>;
  remove: (dataset: DatasetRecord) => Promise<void>;
}

const store = new DatasetStore();
const nothing = { summary: null, saved: null, busy: null, error: null };

export const useData = create<DataState>((set, get) => {
  const guarded = async (work: () => Promise<void>) => {
    set({ error: null });
    try {
      await work();
    } catch (error) {
      set({ error: messageOf(error) });
    }
  };
  const list = async () => set({ datasets: await store.list() });
  const during = (busy: DataState['busy'], work: () => Promise<void>) => {
    set({ busy });
    return guarded(work).finally(() => set({ busy: null }));
  };

  return {
    shown: false,
    tab: 'questions',
    datasets: null,
    ...nothing,
    show(tab) {
      set({ shown: true, tab });
      void get().list();
    },
    close() {
      stop();
      useDemonstrations.getState().clear();
      set({ shown: false, ...nothing });
    },
    list: () => guarded(list),
    read: (file) => {
      set({ summary: null, saved: null });
      return during('reading', async () => set({ summary: await ask((api) => api.read(file)) }));
    },
    save: (name) =>
      during('saving', async () => {
        set({ saved: await ask((api) => api.save(name)) });
        await list();
      }),
    rename: (dataset, name) =>
      guarded(async () => {
        await store.rename(dataset.id, name);
        if (isInForm(dataset)) putInForm({ ...dataset, name: name.trim() });
        await list();
      }),
    remove: (dataset) =>
      guarded(async () => {
        await store.remove(dataset.id);
        if (get().saved?.id === dataset.id) set({ saved: null });
        await list();
      }),
  };
});

/** Whether the experiment in the form asks the questions of a data set, or is evaluated on them. */
export function isInForm({ name }: DatasetRecord): boolean {
  const { draft } = useForm.getState();
  const isUsed = usesDataset({
    data: { task: draft['data.task'] },
    evaluation: { eval_dataset: draft['evaluation.eval_dataset'] },
  });
  return isUsed && draft['data.file'] === name;
}

/** The experiment in the form asks its questions, those of all levels. */
export function putInForm({ name, levels }: DatasetRecord): void {
  const { change, draft } = useForm.getState();
  change('data.task', 'imported');
  change('data.file', name);
  change('data.sha256', '');
  change('data.min_level', '1');
  change('data.max_level', String(Math.max(Number(draft['data.max_level']), ...levels)));
}
