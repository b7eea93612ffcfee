import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Gpu, GpuError, NoGpuError, OutOfMemoryError } from './device';
import { Program, type Dispatch } from './program';
import { starve } from './testing';

const doubling = `
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3u) { x[id.x] *= FACTOR; }`;

describe.each([{ strict: true }, { strict: false }])('a device with $strict error scopes', (options) => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await Gpu.open(options);
  });
  afterAll(() => gpu.device.destroy());

  const multiply = (x: GPUBuffer): Dispatch => ({
    label: 'multiply',
    source: doubling,
    constants: { FACTOR: '3f' },
    bindings: [x],
    grid: ({ rows }) => [rows],
  });

  it('keeps account of its buffers, which start as zeros', async () => {
    const before = gpu.allocatedBytes;
    const buffer = gpu.buffer('ten floats', 40);
    expect(gpu.allocatedBytes - before).toBe(48);
    expect([...new Float32Array(await gpu.read(buffer))]).toEqual(Array(12).fill(0));
    gpu.destroy([buffer]);
    expect(gpu.allocatedBytes).toBe(before);
  });

  it('reads back the part that is asked for', async () => {
    const buffer = gpu.buffer('x', 32);
    gpu.write(buffer, Uint32Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    gpu.write(buffer, Uint32Array.of(9, 9), 8);
    expect([...new Uint32Array(await gpu.read(buffer, 4, 16))]).toEqual([2, 9, 9, 5]);
    gpu.destroy([buffer]);
  });

  it('replays a program with the sizes of each replay, none for an empty grid', async () => {
    const x = gpu.buffer('x', 32);
    gpu.write(x, new Float32Array(8).fill(1));
    const program = await Program.record(gpu, [multiply(x)]);
    program.run({ rows: 1 });
    program.run({ rows: 2 }, 2);
    program.run({ rows: 0 });
    await gpu.settle();
    expect([...new Float32Array(await gpu.read(x))]).toEqual([27, 27, 27, 27, 9, 9, 9, 9]);
    gpu.destroy([x]);
  });

  it('compiles the same WGSL once', () => {
    const code = doubling.replace('FACTOR', '2f');
    expect(gpu.pipeline('a', code)).toBe(gpu.pipeline('b', code));
  });

  it("says which kernel did not compile, and the compiler's message", async () => {
    const broken = gpu.pipeline('the broken one', doubling.replace('FACTOR', 'no_such_name'));
    await expect(broken).rejects.toThrow(GpuError);
    await expect(broken).rejects.toThrow(/the broken one did not compile[^]*line 3: .*no_such_name/);
    await gpu.settle();
  });

  it('refuses a kernel without the entry point, and one with other bindings than its dispatch', async () => {
    const nameless = gpu.pipeline('nameless', doubling.replace('fn main', 'fn other'));
    await expect(nameless).rejects.toThrow(/nameless did not compile[^]*main/);
    const buffers = [gpu.buffer('x', 16), gpu.buffer('y', 16)];
    const twoBuffers = { ...multiply(buffers[0]), bindings: buffers };
    await expect(Program.record(gpu, [twoBuffers])).rejects.toThrow(GpuError);
    gpu.destroy(buffers);
    await gpu.settle();
  });

  it('refuses a buffer above the limit before asking the device, and names both sizes', () => {
    const most = gpu.limits.maxBufferSize;
    const before = gpu.allocatedBytes;
    expect(() => gpu.buffer('the cache', most + 1)).toThrow(GpuError);
    expect(() => gpu.buffer('the cache', most + 1)).toThrow(new RegExp(`the cache needs .* allows ${most}`));
    expect(gpu.allocatedBytes).toBe(before);
  });

  it('says for what there was no room, destroys what was made for it, and goes on', async () => {
    const there = gpu.buffer('there', 64);
    const before = gpu.allocatedBytes;
    const restore = starve(gpu, ({ size }) => size > 1000);
    const loading = gpu.allOrNothing(async () => {
      gpu.write(gpu.buffer('small', 160), new Float32Array(40));
      gpu.write(gpu.buffer('large', 1600), new Float32Array(400));
      await gpu.settle();
    });
    const failure: unknown = await loading.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OutOfMemoryError);
    expect(failure).toMatchObject({ label: 'large', bytes: 1600, held: before + 160 });
    expect(gpu.allocatedBytes).toBe(before);
    restore();
    gpu.write(there, new Float32Array(16).fill(2));
    expect(new Float32Array(await gpu.read(there))[15]).toBe(2);
    gpu.destroy([there]);
    await gpu.settle();
  });

  it('reports a submit that used a destroyed buffer when it settles, once', async () => {
    const x = gpu.buffer('the lost one', 16);
    const program = await Program.record(gpu, [multiply(x)]);
    gpu.destroy([x]);
    program.run({ rows: 1 });
    await expect(gpu.settle()).rejects.toThrow(/graphics device reported: .*the lost one/);
    await gpu.settle();
  });
});

it('says when there is no adapter, and when the adapter refuses a device', async () => {
  const none = { requestAdapter: () => Promise.resolve(null) } as unknown as GPU;
  await expect(Gpu.open({ gpu: none })).rejects.toMatchObject({ name: 'NoGpuError', reason: 'no-adapter' });
  const adapter = await navigator.gpu.requestAdapter();
  const device = await adapter!.requestDevice();
  // An adapter gives one device only: a second request is refused.
  const spent = { requestAdapter: () => Promise.resolve(adapter) } as unknown as GPU;
  await expect(Gpu.open({ gpu: spent })).rejects.toMatchObject({ reason: 'failed' });
  await expect(Gpu.open({ gpu: spent })).rejects.toThrow(NoGpuError);
  device.destroy();
});

it('asks for no more than the defaults of WebGPU when told so', async () => {
  const gpu = await Gpu.open({ defaultLimits: true });
  expect(gpu.limits.maxStorageBufferBindingSize).toBe(134217728);
  expect(gpu.limits.maxStorageBuffersPerShaderStage).toBe(8);
  expect(gpu.device.features.has('shader-f16')).toBe(false);
  gpu.device.destroy();
});
