/**
 * Float64 references of the GPU kernels: the plain formula of each, forward and backward, on flat row-major arrays.
 * T tokens lie packed end to end; segStart[t] and segEnd[t] bound the sequence of token t, pos[t] is its place in it.
 */
export * as adamw from './adamw';
export * as attention from './attention';
export * as decodeAttention from './decodeAttention';
export * as embedding from './embedding';
export * as linear from './linear';
export * as rmsnorm from './rmsnorm';
export * as rope from './rope';
export * as sample from './sample';
export * as swiglu from './swiglu';
export * as tokenLoss from './tokenLoss';
export { relativeError, type Numbers } from './numbers';
