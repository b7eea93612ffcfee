export { default as script } from '../sandbox/javascript.ts?sandbox';
export { quickJsBytes as wasm } from '../quickjs/compiled';
