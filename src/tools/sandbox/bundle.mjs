/**
 * Vite plugin: `import code from './python.ts?sandbox'` gives the text of a classic script with all that the file needs. A
 * sandbox has no network, so that what runs in it comes as text.
 */
import { build } from 'vite';

const QUERY = '?sandbox';

/**
 * A script has no address, and files beside a module are not to be packed into it.
 * @type {import('vite').Plugin}
 */
const withoutAddress = {
  name: 'without-address',
  enforce: 'pre',
  transform: (code) => code.replaceAll('import.meta.url', '""'),
};

/** @returns {import('vite').Plugin} */
export function sandboxScripts() {
  return {
    name: 'sandbox-scripts',
    enforce: 'pre',
    load: {
      filter: { id: /\?sandbox$/ },
      async handler(id) {
        const entry = id.slice(0, -QUERY.length);
        const result = await build({
          configFile: false,
          logLevel: 'error',
          plugins: [withoutAddress],
          build: {
            write: false,
            target: 'es2023',
            copyPublicDir: false,
            lib: { entry, formats: ['iife'], name: 'sandbox' },
          },
        });
        const [{ output }] = /** @type {import('vite').Rolldown.RolldownOutput[]} */ (result);
        return `export default ${JSON.stringify(output[0].code)}`;
      },
    },
  };
}
