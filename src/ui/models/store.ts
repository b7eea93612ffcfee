/** The Models dialog: what it shows, and what can be done with models. */
import { proxy } from 'comlink';
import { create } from 'zustand';
import type { DownloadProgress, HubRequest, LocalFile, ModelsApi } from '../../lab/models/protocol';
import { ModelStore, type ModelRecord } from '../../store/models';
import type { RunRecord } from '../../store/types';
import { downloadBlob } from '../download';
import { useForm } from '../forms/store';
import { beside } from '../state/beside';
import { messageOf } from '../state/lab';

const { ask } = beside<ModelsApi>(
  () =>
    new Worker(new URL('../../lab/models/worker.ts', import.meta.url), {
      type: 'module',
      // To find the models by that are served with the lab.
      name: document.baseURI,
    }),
  'What brings models could not be loaded or has stopped working. What was stored is kept. Reload the page and try again.',
);

interface Job {
  title: string;
  /** Null until something has come. */
  progress: DownloadProgress | null;
}

interface ModelsState {
  shown: boolean;
  /** Null until they have been read. */
  models: readonly ModelRecord[] | null;
  job: Job | null;
  error: string | null;
  /** What was done last. */
  note: string | null;
  /** Of the Hub, for this session only: it is nowhere written down. */
  token: string;
  setToken: (token: string) => void;
  show: () => void;
  close: () => void;
  /** Reads the list of stored models. */
  list: () => Promise<void>;
  download: (request: Omit<HubRequest, 'accessToken'>) => Promise<void>;
  addFiles: (name: string, files: readonly LocalFile[]) => Promise<void>;
  addRun: (run: RunRecord) => Promise<void>;
  /** Hands the person the run's newest checkpoint as a zipped directory. */
  exportRun: (run: RunRecord) => Promise<void>;
  stop: () => Promise<void>;
  remove: (model: ModelRecord) => Promise<void>;
}

const store = new ModelStore();

export const useModels = create<ModelsState>((set, get) => {
  const list = async () => set({ models: await store.list() });

  const guarded = async (work: () => Promise<void>) => {
    set({ error: null, note: null });
    try {
      await work();
    } catch (error) {
      set({ error: messageOf(error) });
    }
  };
  /** One at a time; the list is read again however it ends. */
  const during = async (
    title: string,
    work: (onProgress: (p: DownloadProgress) => void) => Promise<string>,
  ) => {
    if (get().job) return;
    set({ job: { title, progress: null } });
    const onProgress = proxy((progress: DownloadProgress) =>
      set(({ job }) => (job ? { job: { ...job, progress } } : {})),
    );
    await guarded(async () => set({ note: await work(onProgress) }));
    set({ job: null });
    await list().catch(() => undefined);
  };
  const stored = ({ name }: ModelRecord) => `“${name}” is stored in this browser.`;

  return {
    shown: false,
    models: null,
    job: null,
    error: null,
    note: null,
    token: '',
    setToken: (token) => set({ token }),
    show() {
      set({ shown: true });
      void get().list();
    },
    close: () => set({ shown: false, error: null, note: null }),
    list: () => guarded(list),
    download: (request) =>
      during(`Downloading ${request.id}`, async (onProgress) => {
        // The browser may say no; then it deletes the least used pages first when the disk is full.
        await navigator.storage.persist?.().catch(() => false);
        const accessToken = get().token.trim() || undefined;
        return stored(await ask((api) => api.download({ ...request, accessToken }, onProgress)));
      }),
    addFiles: (name, files) =>
      during(`Copying ${name}`, async (onProgress) =>
        stored(await ask((api) => api.addFiles(name, files, onProgress))),
      ),
    addRun: (run) =>
      during(`Storing ${run.name}`, async (onProgress) => {
        const name = `${run.name}, step ${run.step}`;
        return stored(await ask((api) => api.addRun(run.id, name, onProgress)));
      }),
    exportRun: (run) =>
      during(`Packing ${run.name}`, async () => {
        const folder = `${run.name.replace(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, 60)}-step-${run.step}`;
        downloadBlob(`${folder}.zip`, await ask((api) => api.exportRun(run.id, folder, 'float32')));
        return `${folder}.zip holds a directory that transformers loads.`;
      }),
    stop: async () => {
      await ask((api) => api.stop()).catch(() => undefined);
    },
    remove: (model) =>
      guarded(async () => {
        await store.remove(model.id);
        await list();
      }),
  };
});

/** Whether the experiment in the form begins with a model. */
export const isInForm = ({ name }: ModelRecord): boolean => useForm.getState().draft['model.path'] === name;

/** The experiment in the form begins with this model. */
export const putInForm = ({ name }: ModelRecord): void => useForm.getState().change('model.path', name);
