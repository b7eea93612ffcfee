/** Hashes of files too large for memory, fed part by part. */
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { HubFile } from './repository';

export interface Hash {
  update(bytes: Uint8Array): void;
  hex(): string;
}

/** SHA-256 of the bytes, or Git's hash of a blob: the SHA-1 of "blob SIZE\0" and the bytes. */
export function hashOf({ size, hash: { algorithm } }: Pick<HubFile, 'size' | 'hash'>): Hash {
  const hash = algorithm === 'sha256' ? sha256.create() : sha1.create();
  if (algorithm === 'git') hash.update(new TextEncoder().encode(`blob ${size}\0`));
  return {
    update: (bytes) => void hash.update(bytes),
    hex: () => bytesToHex(hash.digest()),
  };
}
