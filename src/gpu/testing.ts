/** Devices for tests. */
import type { Gpu } from './device';

/**
 * From now on the device has no room for the buffers that are `refused`: they are invalid, and the error scope around them
 * tells so, as WebGPU has it.
 * @returns gives the room back
 */
export function starve({ device }: Gpu, refused: (descriptor: GPUBufferDescriptor) => boolean): () => void {
  const real = {
    create: device.createBuffer.bind(device),
    push: device.pushErrorScope.bind(device),
    pop: device.popErrorScope.bind(device),
  };
  const scopes: { filter: GPUErrorFilter; failed: boolean }[] = [];
  const replace = (name: keyof GPUDevice, value: unknown) =>
    Object.defineProperty(device, name, { value, configurable: true, writable: true });
  replace('pushErrorScope', (filter: GPUErrorFilter) => {
    scopes.push({ filter, failed: false });
    real.push(filter);
  });
  replace('popErrorScope', async () => {
    const failed = scopes.pop()?.failed;
    const error = await real.pop();
    return failed ? { message: 'out of memory' } : error;
  });
  replace('createBuffer', (descriptor: GPUBufferDescriptor) => {
    if (!refused(descriptor)) return real.create(descriptor);
    const scope = scopes.findLast(({ filter }) => filter === 'out-of-memory');
    if (scope) scope.failed = true;
    // Not a usage that there is: the buffer is invalid.
    real.push('validation');
    const buffer = real.create({ ...descriptor, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });
    void real.pop();
    return buffer;
  });
  return () => {
    replace('pushErrorScope', real.push);
    replace('popErrorScope', real.pop);
    replace('createBuffer', real.create);
  };
}
