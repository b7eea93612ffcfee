/** Data sets of a person's own questions in IndexedDB, in a database of their own; the same in the page and in a worker. */
import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction } from 'idb';
import type { ImportCounts } from '../tasks/import';
import type { Problem } from '../tasks/types';
import { nameOf, usage } from './browser';
import { describe, quote } from './rules';
import { StoreError } from './types';

export interface DatasetRecord {
  id: string;
  /** Unique among the stored ones: experiments name a data set by it. */
  name: string;
  addedAt: number;
  /** Of its import: rows kept, dropped by reason, and how the kept ones split. */
  counts: ImportCounts;
  /** Difficulties, ascending; none where its problems are not graded. */
  levels: readonly number[];
}

export type NewDataset = Pick<DatasetRecord, 'name' | 'counts'> & { problems: readonly Problem[] };

interface Schema extends DBSchema {
  datasets: { key: string; value: DatasetRecord; indexes: { name: string } };
  /** The problems of a data set in parts, in order. */
  problems: { key: [id: string, part: number]; value: Problem[] };
}

type WriteTransaction = IDBPTransaction<Schema, ('datasets' | 'problems')[], 'readwrite'>;

/** One large value fails in places. */
const PART = 5000;
export const MAX_NAME = 120;
const MAX_LEVELS = 1000;

const ofDataset = (id: string) => IDBKeyRange.bound([id], [id, []]);

/** Opens its database at the first call. Methods reject with `StoreError`; a write is stored as a whole or not at all. */
export class DatasetStore {
  readonly #name: string;
  #connection: Promise<IDBPDatabase<Schema>> | undefined;

  constructor(name = 'reasoning-rl-lab data') {
    this.#name = name;
  }

  /** Closes the connection; the next call opens another. */
  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    (await connection)?.close();
  }

  /** Newest first. */
  async list(): Promise<DatasetRecord[]> {
    const records = await this.#read((db) => db.getAll('datasets'));
    return records.sort((a, b) => b.addedAt - a.addedAt);
  }

  /** The problems of the data set of that name, in the order of their import; undefined when there is none such. */
  problems(name: string): Promise<Problem[] | undefined> {
    return this.#read(async (db) => {
      const tx = db.transaction(['datasets', 'problems']);
      const id = await tx.objectStore('datasets').index('name').getKey(name);
      return id === undefined ? undefined : (await tx.objectStore('problems').getAll(ofDataset(id))).flat();
    });
  }

  /** Rejects when there is nothing to keep, or the name is taken, empty or too long. */
  async add({ name, counts, problems }: NewDataset): Promise<DatasetRecord> {
    const label = nameFor(name, 'stored');
    if (problems.length === 0)
      throw new StoreError(`The data set ${quote(label)} holds no usable question. Nothing was stored.`);
    const levels = [...new Set(problems.flatMap((p) => p.level ?? []))].sort((a, b) => a - b);
    const record: DatasetRecord = {
      id: crypto.randomUUID(),
      name: label,
      addedAt: Date.now(),
      counts,
      levels: levels.slice(0, MAX_LEVELS),
    };
    await this.#write(label, async (tx) => {
      await tx.objectStore('datasets').add(record, record.id);
      for (let part = 0; part * PART < problems.length; part++)
        await tx
          .objectStore('problems')
          .put(problems.slice(part * PART, (part + 1) * PART), [record.id, part]);
    });
    return record;
  }

  /** Rejects when the name is taken or there is no such data set. Experiments that name the old one do not follow. */
  async rename(id: string, name: string): Promise<void> {
    const label = nameFor(name, 'renamed');
    await this.#write(label, async (tx) => {
      const record = await tx.objectStore('datasets').get(id);
      if (!record)
        throw new StoreError('This data set is no longer stored: it was deleted. Nothing was changed.');
      await tx.objectStore('datasets').put({ ...record, name: label }, id);
    });
  }

  /** Runs that were made with it keep all they have; to continue one, it is needed. */
  async remove(id: string): Promise<void> {
    await this.#write('', async (tx) => {
      await tx.objectStore('datasets').delete(id);
      await tx.objectStore('problems').delete(ofDataset(id));
    });
  }

  #open(): Promise<IDBPDatabase<Schema>> {
    this.#connection ??= openDB<Schema>(this.#name, 1, {
      upgrade: (db) => {
        db.createObjectStore('datasets').createIndex('name', 'name', { unique: true });
        db.createObjectStore('problems');
      },
      blocking: () => void this.close(),
      terminated: () => (this.#connection = undefined),
    }).catch((error: unknown) => {
      this.#connection = undefined;
      throw new StoreError(
        `The stored data sets cannot be opened: ${describe(error)}. Nothing was changed. Allow this site to store data, leave private browsing, or free disk space; then reload.`,
        { cause: error },
      );
    });
    return this.#connection;
  }

  async #read<T>(body: (db: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
    const db = await this.#open();
    try {
      return await body(db);
    } catch (error) {
      throw new StoreError(
        `The stored data sets could not be read: ${describe(error)}. Nothing was changed. Reload the page and try again.`,
        { cause: error },
      );
    }
  }

  /** One transaction that is on disk when this resolves, and leaves nothing behind when it rejects. */
  async #write(name: string, body: (tx: WriteTransaction) => Promise<void>): Promise<void> {
    const db = await this.#open();
    const tx = db.transaction(['datasets', 'problems'], 'readwrite', { durability: 'strict' });
    const ended = tx.done.then(
      () => undefined,
      (error: unknown) => error,
    );
    try {
      await body(tx);
    } catch (error) {
      try {
        tx.abort();
      } catch {
        // The failure has ended the transaction already.
      }
      throw await explain([error, await ended], name);
    }
    const failure = await ended;
    if (failure !== undefined) throw await explain([failure], name);
  }
}

/** @throws StoreError when a data set cannot be called so */
function nameFor(name: string, done: string): string {
  const label = name.trim();
  if (label !== '' && label.length <= MAX_NAME) return label;
  throw new StoreError(`The name of a data set has 1 to ${MAX_NAME} characters. Nothing was ${done}.`);
}

async function explain(errors: readonly unknown[], name: string): Promise<StoreError> {
  const others = 'Nothing was changed; runs and other data sets are as they were.';
  const [cause] = errors;
  if (cause instanceof StoreError) return cause;
  const isOf = (kind: string) => errors.some((error) => nameOf(error) === kind);
  const message = isOf('QuotaExceededError')
    ? `The browser has no room for the data set ${quote(name)}${await usage()}. ${others} Delete runs or data sets you no longer need or free disk space, then try again.`
    : isOf('ConstraintError')
      ? `There already is a data set ${quote(name)}. Nothing was changed. Choose another name, or delete that one first.`
      : `The browser could not store the change: ${describe(cause)}. ${others} Try again; if it fails again, reload the page.`;
  return new StoreError(message, { cause });
}
