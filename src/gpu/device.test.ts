import { expect, it } from 'vitest';
import { Gpu } from './device';

it('says that there is no WebGPU where the API is missing, as in plain Node', async () => {
  await expect(Gpu.open()).rejects.toMatchObject({ name: 'NoGpuError', reason: 'no-webgpu' });
});
