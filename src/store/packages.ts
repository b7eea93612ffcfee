/** Packages of Python that a person added, in IndexedDB: wheels, kept as they are, by the names of their files. */
import { NamedStore, type NamedRecord } from './named';

export interface PackageRecord extends NamedRecord {
  /** Of the package, as its author writes it. */
  package: string;
  version: string;
  /** What must be there besides. */
  requires: readonly { package: string; versions: string }[];
  /** Bytes. */
  size: number;
}

export type NewPackage = Omit<PackageRecord, 'id' | 'addedAt' | 'size'> & { bytes: Uint8Array };

/** Bytes. */
const PART = 2 ** 22;

/** Methods reject with `StoreError`; a write is stored as a whole or not at all. */
export class PackageStore extends NamedStore<PackageRecord, Uint8Array> {
  constructor(name = 'reasoning-rl-lab packages') {
    super(name, { one: 'package', many: 'packages' });
  }

  /** The wheel of that name; undefined when there is none such. */
  async bytes(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const parts = await this.parts(name);
    return parts && new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
  }

  /** Rejects when the name is taken, empty or too long. */
  add({ name, bytes, package: title, version, requires }: NewPackage): Promise<PackageRecord> {
    const parts = Array.from({ length: Math.ceil(bytes.length / PART) }, (_, part) =>
      bytes.slice(part * PART, (part + 1) * PART),
    );
    return this.keep(name, { package: title, version, requires, size: bytes.length }, parts);
  }
}
