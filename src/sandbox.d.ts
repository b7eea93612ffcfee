/** See `tools/sandbox/bundle.mjs`. */
declare module '*?sandbox' {
  const code: string;
  export default code;
}

declare module 'pyodide/pyodide.asm.mjs' {
  import type { PyodideConfig } from 'pyodide';
  const createPyodideModule: NonNullable<PyodideConfig['createPyodideModule']>;
  export default createPyodideModule;
}
