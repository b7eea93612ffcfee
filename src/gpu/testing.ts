/** Devices for tests. */
import { Gpu } from './device';

const opened = new Map<string, Promise<Gpu>>();

/**
 * A strict device for all test files of this process or page: what one has had compiled, the next need not, and on a software
 * adapter compiling is most of the time. A test that destroys its device, or takes its memory away, opens one of its own.
 * @param bindingBytes most bytes of one binding
 * @throws when an earlier file has left buffers or errors on it
 */
export async function sharedGpu({
  bindingBytes = Infinity,
  defaultLimits = false,
}: { bindingBytes?: number; defaultLimits?: boolean } = {}): Promise<Gpu> {
  const device = await once(`${defaultLimits}`, () => Gpu.open({ strict: true, defaultLimits }));
  const gpu = await once(`${defaultLimits} ${bindingBytes}`, () => device.binding(bindingBytes));
  try {
    await gpu.settle();
    if (gpu.allocatedBytes > 0)
      throw new Error(`An earlier test has left ${gpu.allocatedBytes} bytes on the device.`);
  } catch (error) {
    // Said once: whoever comes next has new devices.
    opened.clear();
    throw error;
  }
  return gpu;
}

function once(key: string, open: () => Gpu | Promise<Gpu>): Promise<Gpu> {
  const gpu = opened.get(key) ?? Promise.resolve(open());
  opened.set(key, gpu);
  return gpu;
}

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
