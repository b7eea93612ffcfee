import { expect, test } from 'vitest';

test('a compute shader doubles four numbers', async () => {
  const adapter = await navigator.gpu.requestAdapter();
  expect(adapter, 'no WebGPU adapter').not.toBeNull();
  const device = await adapter!.requestDevice();
  const code = `
    @group(0) @binding(0) var<storage, read_write> x: array<f32>;
    @compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { x[i] *= 2; }`;
  const pipeline = device.createComputePipeline({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code }) },
  });
  const numbers = device.createBuffer({
    size: 16,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
  });
  device.queue.writeBuffer(numbers, 0, new Float32Array([1, 2, 3, -0.5]));
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [{ binding: 0, resource: { buffer: numbers } }],
  });
  const read = device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });

  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(numbers, 0, read, 0, 16);
  device.queue.submit([encoder.finish()]);

  await read.mapAsync(GPUMapMode.READ);
  expect([...new Float32Array(read.getMappedRange())]).toEqual([2, 4, 6, -1]);
  device.destroy();
});
