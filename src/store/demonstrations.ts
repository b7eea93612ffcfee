/** Files of a person's own demonstrations in IndexedDB: JSON lines, kept as they are. */
import { NamedStore, type NamedRecord } from './named';

export interface DemonstrationsRecord extends NamedRecord {
  /** Demonstrations in it, and those of them with calls of an interpreter. */
  count: number;
  withCalls: number;
}

export type NewDemonstrations = Pick<DemonstrationsRecord, 'name' | 'count' | 'withCalls'> & { text: string };

/** Characters. */
const PART = 2 ** 22;

/** Methods reject with `StoreError`; a write is stored as a whole or not at all. */
export class DemonstrationStore extends NamedStore<DemonstrationsRecord, string> {
  constructor(name = 'reasoning-rl-lab demonstrations') {
    super(name, { one: 'file of demonstrations', many: 'files of demonstrations' });
  }

  /** The text of the file of that name; undefined when there is none such. */
  async text(name: string): Promise<string | undefined> {
    return (await this.parts(name))?.join('');
  }

  /** Rejects when the name is taken, empty or too long. */
  add({ name, count, withCalls, text }: NewDemonstrations): Promise<DemonstrationsRecord> {
    const parts = Array.from({ length: Math.ceil(text.length / PART) }, (_, part) =>
      text.slice(part * PART, (part + 1) * PART),
    );
    return this.keep(name, { count, withCalls }, parts);
  }
}
