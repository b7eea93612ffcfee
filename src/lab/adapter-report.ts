/** What the page and `lab doctor` say of an adapter. */
import type { Gpu } from '../gpu/device';
import type { AdapterReport } from './protocol';

const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupsPerDimension',
] as const;

export function adapterReport(gpu: Gpu): AdapterReport {
  const { vendor, architecture, description } = gpu.info;
  return {
    vendor,
    architecture,
    description,
    features: [...gpu.device.features].sort(),
    limits: Object.fromEntries(LIMITS.map((name) => [name, gpu.limits[name]])),
  };
}

/** Short name of an adapter for a run's record. */
export const adapterName = (gpu: Gpu): string =>
  [gpu.info.vendor, gpu.info.architecture].filter(Boolean).join(' ') || 'unknown adapter';
