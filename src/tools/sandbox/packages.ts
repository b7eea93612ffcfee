/** Packages that a person adds, unpacked and imported before the first call. */
import type { ToolPackage } from '../types';
import type { FileSystem } from './files';
import packages from './packages.py?raw';

/** Where Python looks for them, after its own library. */
export const PACKAGES_FOLDER = '/lib/python3.14/site-packages';
const WHEEL = '/tmp/package.whl';

type Run = (code: string) => string | undefined;

/**
 * Puts packages where they can be imported.
 * @param run see `_run` in bootstrap.py; what happens in it is as closed in as a call
 * @throws when the content of one is damaged
 */
export function unpackPackages(fs: FileSystem, run: Run, added: readonly ToolPackage[]): void {
  for (const { file, bytes, files } of added) {
    // A copy, for the bytes may be of another realm.
    fs.writeFile(WHEEL, new Uint8Array(bytes), { canOwn: true });
    const error = run(`${packages}\nunpack(${JSON.stringify([WHEEL, PACKAGES_FOLDER, files])})`);
    fs.unlink(WHEEL);
    const why = error?.trimEnd().split('\n').at(-1);
    if (why !== undefined)
      throw new Error(`the package ${JSON.stringify(file)} cannot be unpacked (${why}).`);
  }
}

/** Imports what packages hold, so that no call has to. */
export function importPackages(run: Run, added: readonly ToolPackage[]): void {
  if (added.length === 0) return;
  run(`${packages}\nimport_all(${JSON.stringify(added.flatMap(({ modules }) => modules).sort())})`);
}
