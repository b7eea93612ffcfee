#!/usr/bin/env node
// Runs the TypeScript CLI straight from the sources: Vite transforms each module as it is imported.
// No server and no port, so several may run at once.
import { join } from 'node:path';
import { createRunnableDevEnvironment, resolveConfig } from 'vite';
import { sandboxScripts } from '../tools/sandbox/bundle.mjs';

const root = join(import.meta.dirname, '..', '..');
const config = await resolveConfig(
  {
    configFile: false,
    root,
    logLevel: 'error',
    envDir: false,
    plugins: [sandboxScripts()],
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  },
  'serve',
);
const environment = createRunnableDevEnvironment('ssr', config, { hot: false });
await environment.init();
await environment.runner.import('/src/cli/main.ts');
