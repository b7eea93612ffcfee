import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { sandboxScripts } from './src/tools/sandbox/bundle.mjs';

/** Cross-origin isolation: SharedArrayBuffer for the tool sandbox, precise timers for the engine. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** The page goes to dist/app; the CLI's bundle (`vite build --ssr`) carries no page assets. */
export default defineConfig(({ isSsrBuild }) => ({
  base: './',
  plugins: [react(), sandboxScripts()],
  worker: { format: 'es' as const },
  server: { host: 'localhost', headers },
  preview: { host: 'localhost', headers },
  build: { target: 'es2023', outDir: 'dist/app', copyPublicDir: !isSsrBuild },
  ssr: { external: ['webgpu'] },
}));
