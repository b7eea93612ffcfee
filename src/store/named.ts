/** What a person brought, by name, each in a few records of IndexedDB; the same in the page and in a worker. */
import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction } from 'idb';
import { nameOf, usage } from './browser';
import { describe, quote } from './rules';
import { StoreError } from './types';

export interface NamedRecord {
  id: string;
  /** Unique among the stored ones: experiments name it by this. */
  name: string;
  addedAt: number;
}

/** The tables' names are those of the first database of this kind. */
interface Schema extends DBSchema {
  datasets: { key: string; value: NamedRecord; indexes: { name: string } };
  /** The content in parts, in order: one large value fails in places. */
  problems: { key: [id: string, part: number]; value: unknown };
}

type WriteTransaction = IDBPTransaction<Schema, ('datasets' | 'problems')[], 'readwrite'>;

/** How messages call what is stored. */
export interface Words {
  one: string;
  many: string;
}

export const MAX_NAME = 120;

const partsOf = (id: string) => IDBKeyRange.bound([id], [id, []]);

/**
 * Named records of one kind with their contents, in a database of their own that opens at the first call. Methods reject with
 * `StoreError`; a write is stored as a whole or not at all.
 */
export class NamedStore<R extends NamedRecord, Part> {
  readonly #name: string;
  readonly #words: Words;
  #connection: Promise<IDBPDatabase<Schema>> | undefined;

  constructor(database: string, words: Words) {
    this.#name = database;
    this.#words = words;
  }

  /** Closes the connection; the next call opens another. */
  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    (await connection)?.close();
  }

  /** Newest first. */
  async list(): Promise<R[]> {
    const records = await this.#read((db) => db.getAll('datasets'));
    return (records as R[]).sort((a, b) => b.addedAt - a.addedAt);
  }

  /** The parts of the content of that name, in order; undefined when there is none such. */
  protected parts(name: string): Promise<Part[] | undefined> {
    return this.#read(async (db) => {
      const tx = db.transaction(['datasets', 'problems']);
      const id = await tx.objectStore('datasets').index('name').getKey(name);
      if (id === undefined) return undefined;
      return (await tx.objectStore('problems').getAll(partsOf(id))) as Part[];
    });
  }

  /** Rejects when the name is taken, empty or too long. */
  protected async keep(name: string, more: Omit<R, keyof NamedRecord>, parts: readonly Part[]): Promise<R> {
    const label = this.label(name);
    const record = { id: crypto.randomUUID(), name: label, addedAt: Date.now(), ...more } as R;
    await this.#write(label, async (tx) => {
      await tx.objectStore('datasets').add(record, record.id);
      for (const [i, part] of parts.entries()) await tx.objectStore('problems').put(part, [record.id, i]);
    });
    return record;
  }

  /** Rejects when the name is taken or there is none such. Experiments that name the old one do not follow. */
  async rename(id: string, name: string): Promise<void> {
    const label = this.label(name, 'renamed');
    await this.#write(label, async (tx) => {
      const record = await tx.objectStore('datasets').get(id);
      if (!record)
        throw new StoreError(
          `This ${this.#words.one} is no longer stored: it was deleted. Nothing was changed.`,
        );
      await tx.objectStore('datasets').put({ ...record, name: label }, id);
    });
  }

  /** Runs that were made with it keep all they have; to continue one, it is needed. */
  async remove(id: string): Promise<void> {
    await this.#write('', async (tx) => {
      await tx.objectStore('datasets').delete(id);
      await tx.objectStore('problems').delete(partsOf(id));
    });
  }

  /** @throws StoreError when it cannot be called so */
  protected label(name: string, done = 'stored'): string {
    const label = name.trim();
    if (label !== '' && label.length <= MAX_NAME) return label;
    throw new StoreError(
      `The name of a ${this.#words.one} has 1 to ${MAX_NAME} characters. Nothing was ${done}.`,
    );
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
        `The stored ${this.#words.many} cannot be opened: ${describe(error)}. Nothing was changed. Allow this site to store data, leave private browsing, or free disk space; then reload.`,
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
        `The stored ${this.#words.many} could not be read: ${describe(error)}. Nothing was changed. Reload the page and try again.`,
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
      throw await explain([error, await ended], name, this.#words);
    }
    const failure = await ended;
    if (failure !== undefined) throw await explain([failure], name, this.#words);
  }
}

async function explain(errors: readonly unknown[], name: string, { one, many }: Words): Promise<StoreError> {
  const others = `Nothing was changed; runs and other ${many} are as they were.`;
  const [cause] = errors;
  if (cause instanceof StoreError) return cause;
  const isOf = (kind: string) => errors.some((error) => nameOf(error) === kind);
  const message = isOf('QuotaExceededError')
    ? `The browser has no room for the ${one} ${quote(name)}${await usage()}. ${others} Delete runs or ${many} you no longer need or free disk space, then try again.`
    : isOf('ConstraintError')
      ? `There already is a ${one} ${quote(name)}. Nothing was changed. Choose another name, or delete that one first.`
      : `The browser could not store the change: ${describe(cause)}. ${others} Try again; if it fails again, reload the page.`;
  return new StoreError(message, { cause });
}
