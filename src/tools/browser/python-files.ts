export { default as script } from '../sandbox/python.ts?sandbox';
export { default as wasm } from 'pyodide/pyodide.asm.wasm?url';
export { default as library } from 'pyodide/python_stdlib.zip?url';
