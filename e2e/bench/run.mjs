// `npm run bench`: Node 20 does not read TypeScript, Vite does.
import { join } from 'node:path';
import { runnerImport } from 'vite';

await runnerImport(join(import.meta.dirname, 'run.ts'), { configFile: false, logLevel: 'error' });
