#!/usr/bin/env node
// Runs the TypeScript CLI. Its bundle is made anew, in seconds, whenever the sources have changed since the last one.
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '..', '..');
const bundles = join(root, 'node_modules', '.cache', 'lab');
/** A program that was started from an older bundle may still load parts of it. */
const KEPT_MS = 7 * 24 * 3600 * 1000;

/** Of all that a bundle is made of. */
function fingerprint() {
  const files = ['src', 'shaders'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.(test\.tsx?|jsonl|css)$/.test(entry.name))
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name)),
  );
  const hash = createHash('sha256').update(process.version);
  for (const file of [...files.sort(), join(root, 'package-lock.json')])
    hash.update(file).update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

/** @param {string} folder */
async function bundle(folder) {
  const { build } = await import('vite');
  const { sandboxScripts } = await import('../tools/sandbox/bundle.mjs');
  const { NODE_ENV } = process.env;
  // Several may start at once: each writes a folder of its own, and the first one to be done is taken.
  const outDir = join(bundles, randomUUID());
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    envDir: false,
    plugins: [sandboxScripts()],
    ssr: { external: ['webgpu'] },
    build: { ssr: 'src/cli/main.ts', outDir, target: 'node20', sourcemap: true, copyPublicDir: false },
  });
  // Vite sets it; what the CLI starts is not to inherit it.
  if (NODE_ENV === undefined) delete process.env.NODE_ENV;
  else process.env.NODE_ENV = NODE_ENV;
  try {
    renameSync(outDir, folder);
  } catch (error) {
    rmSync(outDir, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
}

function dropOldBundles() {
  for (const name of readdirSync(bundles)) {
    const folder = join(bundles, name);
    if (Date.now() - statSync(folder).mtimeMs > KEPT_MS) rmSync(folder, { recursive: true, force: true });
  }
}

const folder = join(bundles, fingerprint());
if (!existsSync(folder)) {
  try {
    mkdirSync(bundles, { recursive: true });
    dropOldBundles();
    await bundle(folder);
  } catch (error) {
    process.stderr.write(`error: the CLI cannot be bundled into ${bundles}; nothing was started.\n`);
    throw error;
  }
}
process.setSourceMapsEnabled(true);
await import(pathToFileURL(join(folder, 'main.js')).href);
