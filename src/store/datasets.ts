/** Data sets of a person's own questions in IndexedDB. */
import type { ImportCounts } from '../tasks/import';
import type { Problem } from '../tasks/types';
import { NamedStore, type NamedRecord } from './named';
import { quote } from './rules';
import { StoreError } from './types';

export { MAX_NAME } from './named';

export interface DatasetRecord extends NamedRecord {
  /** Of its import: rows kept, dropped by reason, and how the kept ones split. */
  counts: ImportCounts;
  /** Difficulties, ascending; none where its problems are not graded. */
  levels: readonly number[];
}

export type NewDataset = Pick<DatasetRecord, 'name' | 'counts'> & { problems: readonly Problem[] };

const PART = 5000;
const MAX_LEVELS = 1000;

/** Methods reject with `StoreError`; a write is stored as a whole or not at all. */
export class DatasetStore extends NamedStore<DatasetRecord, Problem[]> {
  constructor(name = 'reasoning-rl-lab data') {
    super(name, { one: 'data set', many: 'data sets' });
  }

  /** The problems of the data set of that name, in the order of their import; undefined when there is none such. */
  async problems(name: string): Promise<Problem[] | undefined> {
    return (await this.parts(name))?.flat();
  }

  /** Rejects when there is nothing to keep, or the name is taken, empty or too long. */
  async add({ name, counts, problems }: NewDataset): Promise<DatasetRecord> {
    const label = this.label(name);
    if (problems.length === 0)
      throw new StoreError(`The data set ${quote(label)} holds no usable question. Nothing was stored.`);
    const levels = [...new Set(problems.flatMap((p) => p.level ?? []))].sort((a, b) => a - b);
    const parts = Array.from({ length: Math.ceil(problems.length / PART) }, (_, part) =>
      problems.slice(part * PART, (part + 1) * PART),
    );
    return this.keep(label, { counts, levels: levels.slice(0, MAX_LEVELS) }, parts);
  }
}
