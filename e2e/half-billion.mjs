// `node e2e/half-billion.mjs [DIR]`: Node 20 does not read TypeScript, Vite does.
import { join } from 'node:path';
import { runnerImport } from 'vite';

await runnerImport(join(import.meta.dirname, 'half-billion.ts'), { configFile: false, logLevel: 'error' });
