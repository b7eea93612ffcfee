/** Packages of Python that a person added: whether the Sandbox dialog shows them, and what can be done with them. */
import { create } from 'zustand';
import { parsePackages } from '../../lab/schema';
import { PackageStore, type PackageRecord } from '../../store/packages';
import { ask, stop } from '../data/importer';
import { useForm } from '../forms/store';
import { messageOf } from '../state/lab';

interface PackagesState {
  /** Whether the Sandbox dialog is open. */
  shown: boolean;
  /** Whether its list of packages is. */
  unfolded: boolean;
  /** Null until they have been read. */
  packages: readonly PackageRecord[] | null;
  busy: boolean;
  error: string | null;
  open: (shown: boolean) => void;
  /** Opens the dialog at the packages. */
  show: () => void;
  unfold: (unfolded: boolean) => void;
  /** Reads the list. */
  list: () => Promise<void>;
  /** Adds wheels one after the other; what is wrong with one does not keep the others out. */
  add: (files: readonly File[]) => Promise<void>;
  rename: (record: PackageRecord, name: string) => Promise<void>;
  remove: (record: PackageRecord) => Promise<void>;
}

const store = new PackageStore();

export const usePackages = create<PackagesState>((set) => {
  const list = async () => set({ packages: await store.list() });
  const guarded = async (...works: (() => Promise<unknown>)[]) => {
    const errors: string[] = [];
    for (const work of [...works, list])
      try {
        await work();
      } catch (error) {
        errors.push(messageOf(error));
      }
    set({ error: errors.length > 0 ? errors.join('\n') : null });
  };
  return {
    shown: false,
    unfolded: false,
    packages: null,
    busy: false,
    error: null,
    open(shown) {
      if (!shown) stop();
      set({ shown, error: null });
    },
    show: () => set({ shown: true, unfolded: true, error: null }),
    unfold: (unfolded) => set({ unfolded }),
    list: () => guarded(),
    async add(files) {
      set({ busy: true, error: null });
      await guarded(...files.map((file) => () => ask((api) => api.addPackage(file))));
      set({ busy: false });
    },
    rename: (record, name) =>
      guarded(async () => {
        await store.rename(record.id, name);
        const renamed = (one: string) => (one === record.name ? name.trim() : one);
        if (isInForm(record)) change(inForm().map(renamed));
      }),
    remove: (record) => guarded(() => store.remove(record.id)),
  };
});

/** What is added, for the interpreter of the playground. */
export const addedPackages = () => ask((api) => api.packages());

const inForm = (): string[] => parsePackages(useForm.getState().draft['tools.packages']);

function change(names: readonly string[]): void {
  const form = useForm.getState();
  form.change('tools.packages', names.join(', '));
  // The hashes are of those before.
  form.change('tools.packages_sha256', '');
}

/** Whether the calls of the experiment in the form may import it. */
export const isInForm = ({ name }: PackageRecord): boolean =>
  useForm.getState().draft['tools.language'] === 'python' && inForm().includes(name);

/** The calls of the experiment in the form are Python, and may import it. */
export function putInForm({ name }: PackageRecord): void {
  useForm.getState().change('tools.language', 'python');
  change([...new Set([...inForm(), name])]);
}
