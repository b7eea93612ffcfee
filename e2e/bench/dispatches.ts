/** How many kernels `work` starts, whoever starts them. */
export async function countDispatches(work: () => Promise<unknown>): Promise<number> {
  const prototype = GPUComputePassEncoder.prototype;
  const original = Object.getOwnPropertyDescriptor(prototype, 'dispatchWorkgroups')!;
  const dispatch = original.value as GPUComputePassEncoder['dispatchWorkgroups'];
  let count = 0;
  prototype.dispatchWorkgroups = function (...grid) {
    count++;
    return dispatch.apply(this, grid);
  };
  try {
    await work();
  } finally {
    Object.defineProperty(prototype, 'dispatchWorkgroups', original);
  }
  return count;
}
