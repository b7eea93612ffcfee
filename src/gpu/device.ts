/** The adapter and its device: what it can do, buffers with an account of their bytes, pipelines, errors. Knows no model. */

const WANTED_FEATURES: GPUFeatureName[] = ['subgroups', 'shader-f16', 'timestamp-query'];
const WANTED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
] as const;

/** There is no WebGPU (`no-webgpu`), or no adapter behind it (`no-adapter`), or the device was refused (`failed`). */
export class NoGpuError extends Error {
  override name = 'NoGpuError';
  constructor(
    readonly reason: 'no-webgpu' | 'no-adapter' | 'failed',
    message: string,
  ) {
    super(message);
  }
}

/** A kernel did not compile, or a submit was refused or failed on the device. */
export class GpuError extends Error {
  override name = 'GpuError';
}

/** The device is gone, and with it all that was on it. */
export class DeviceLostError extends GpuError {
  override name = 'DeviceLostError';
}

/** A buffer could not be had: the device has no room for it, or allows none so large. What was on the device is still there. */
export class OutOfMemoryError extends GpuError {
  override name = 'OutOfMemoryError';
  /**
   * @param label of the buffer
   * @param held bytes in the other buffers that this device had then
   * @param limit the most bytes of one buffer, where it is that which is exceeded
   */
  constructor(
    readonly label: string,
    readonly bytes: number,
    readonly held: number,
    readonly limit?: number,
  ) {
    super(
      limit === undefined
        ? `The graphics device has no room for ${label}: a buffer of ${bytes} bytes, beside ${held} that are taken.`
        : `${label} needs ${bytes} bytes in one buffer; this adapter allows ${limit}.`,
    );
  }
}

/** A call that fails because the device is lost may fail before the loss is told. */
const LOSS_TOLD_MS = 500;

export interface GpuOptions {
  /** Where adapters come from; the browser's `navigator.gpu` unless given (Node). */
  gpu?: GPU;
  /** Ask for no feature and no limit above WebGPU's defaults, whatever the adapter has (tests). */
  defaultLimits?: boolean;
  /** Put an error scope around every submit (tests); `settle` then throws what they caught. */
  strict?: boolean;
}

/** Bytes that a buffer of `bytes` takes: a multiple of 16, and some. */
export const bufferSize = (bytes: number): number => Math.max(16, Math.ceil(bytes / 16) * 16);

/** What all who use one device share. */
interface Shared {
  /** By their WGSL. */
  pipelines: Map<string, Promise<GPUComputePipeline>>;
  /** By their words. */
  uniforms: Map<string, GPUBuffer>;
  /** What failed outside every error scope. */
  errors: string[];
}

export class Gpu {
  /** Bytes in buffers that were created here and not yet destroyed. */
  allocatedBytes = 0;
  private scopes: Promise<GPUError | null>[] = [];
  private readonly live = new Set<GPUBuffer>();
  /** Buffers of which it is not known yet whether there was room for them. */
  private allocations: { label: string; size: number; held: number; failed: Promise<GPUError | null> }[] = [];

  private constructor(
    readonly device: GPUDevice,
    readonly info: GPUAdapterInfo,
    private readonly strict: boolean,
    /** Most bytes that one binding, hence one buffer of parameters or logits, may have. */
    readonly bindingBytes: number,
    private readonly shared: Shared,
  ) {}

  /**
   * Opens the default adapter with every wanted feature and limit that it has.
   * @throws NoGpuError
   */
  static async open(options: GpuOptions = {}): Promise<Gpu> {
    const gpu = options.gpu ?? (globalThis.navigator as Partial<Navigator> | undefined)?.gpu;
    if (!gpu) throw new NoGpuError('no-webgpu', 'This browser does not offer WebGPU.');
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter)
      throw new NoGpuError('no-adapter', 'WebGPU is there, but it found no graphics adapter to run on.');
    try {
      const device = await adapter.requestDevice(
        options.defaultLimits
          ? {}
          : {
              requiredFeatures: WANTED_FEATURES.filter((f) => adapter.features.has(f)),
              requiredLimits: Object.fromEntries(WANTED_LIMITS.map((name) => [name, adapter.limits[name]])),
            },
      );
      const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
      const bindingBytes = Math.min(maxBufferSize, maxStorageBufferBindingSize);
      const shared: Shared = { pipelines: new Map(), uniforms: new Map(), errors: [] };
      device.onuncapturederror = ({ error }) => {
        shared.errors.push(error.message);
      };
      return new Gpu(device, adapter.info, options.strict ?? false, bindingBytes, shared);
    } catch (error) {
      throw new NoGpuError('failed', `The adapter refused a device: ${String(error)}`);
    }
  }

  /** The same device, and what is compiled for it, as if it bound so many bytes at most at once (tests). */
  binding(bytes: number): Gpu {
    return new Gpu(this.device, this.info, this.strict, Math.min(bytes, this.bindingBytes), this.shared);
  }

  get limits(): GPUSupportedLimits {
    return this.device.limits;
  }

  /** The two CPUs that emulate a GPU (register tiles win there, shared memory and barriers lose), or a real one. */
  get kind(): 'swiftshader' | 'llvmpipe' | 'hardware' {
    const name = `${this.info.architecture} ${this.info.description} ${this.info.device}`.toLowerCase();
    if (name.includes('swiftshader')) return 'swiftshader';
    return name.includes('llvmpipe') ? 'llvmpipe' : 'hardware';
  }

  /** Lanes of a subgroup, when the device has subgroups and they are all of one size; else 0. */
  get subgroupSize(): number {
    const { subgroupMinSize: min, subgroupMaxSize: max } = this.info;
    return this.device.features.has('subgroups') && min === max ? min : 0;
  }

  /**
   * A storage buffer of `bytes` (rounded up to 16), zeroed. Whether there is room for it is told by `requireMemory`, `settle`
   * and `read`.
   * @throws OutOfMemoryError when it is above the device's limits
   */
  buffer(label: string, bytes: number, usage = 0): GPUBuffer {
    const size = bufferSize(bytes);
    const held = this.allocatedBytes;
    if (size > this.limits.maxBufferSize)
      throw new OutOfMemoryError(label, size, held, this.limits.maxBufferSize);
    const all = usage | GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    this.device.pushErrorScope('out-of-memory');
    const buffer = this.device.createBuffer({ label, size, usage: all });
    this.allocations.push({ label, size, held, failed: this.device.popErrorScope() });
    this.live.add(buffer);
    this.allocatedBytes += size;
    return buffer;
  }

  /**
   * Waits until every buffer that was made is known to be there.
   * @throws OutOfMemoryError naming the first that is not
   */
  async requireMemory(): Promise<void> {
    const made = this.allocations.splice(0);
    // A lost device answers no scope; whoever waits for it is told of the loss.
    const failures = await Promise.all(made.map(({ failed }) => failed.catch(() => null)));
    const first = made[failures.findIndex((failure) => failure !== null)];
    if (!first) return;
    await this.device.queue.onSubmittedWorkDone();
    // What was done with a buffer that is not there has failed as well, and says nothing more.
    this.shared.errors.length = 0;
    throw new OutOfMemoryError(first.label, first.size, first.held);
  }

  /** What `body` returns; when it throws, the buffers that were made in it are destroyed. */
  async allOrNothing<T>(body: () => Promise<T>): Promise<T> {
    const before = new Set(this.live);
    try {
      return await body();
    } catch (error) {
      this.destroy([...this.live].filter((buffer) => !before.has(buffer)));
      throw error;
    }
  }

  /**
   * A buffer for each name, of so many 32-bit words, labelled `{of} {name}`.
   * @throws OutOfMemoryError as `buffer`
   */
  buffers<Name extends string>(of: string, words: Readonly<Record<Name, number>>): Record<Name, GPUBuffer> {
    const made = Object.entries<number>(words).map(([name, n]) => [
      name,
      this.buffer(`${of} ${name}`, n * 4),
    ]);
    return Object.fromEntries(made) as Record<Name, GPUBuffer>;
  }

  destroy(buffers: Iterable<GPUBuffer>): void {
    for (const buffer of buffers) {
      if (this.live.delete(buffer)) this.allocatedBytes -= buffer.size;
      buffer.destroy();
    }
  }

  write(buffer: GPUBuffer, data: Float32Array | Uint32Array | Int32Array, byteOffset = 0): void {
    this.device.queue.writeBuffer(buffer, byteOffset, data.buffer, data.byteOffset, data.byteLength);
  }

  /** A uniform buffer of these words, made once for all who ask for them, and shared. Too small to be counted. */
  uniform(words: readonly number[]): GPUBuffer {
    const key = words.join();
    let buffer = this.shared.uniforms.get(key);
    if (!buffer) {
      const size = bufferSize(words.length * 4);
      buffer = this.device.createBuffer({ size, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
      this.write(buffer, Uint32Array.from(words));
      this.shared.uniforms.set(key, buffer);
    }
    return buffer;
  }

  /** The compiled pipeline of this WGSL, compiled once. @throws GpuError with the compiler's messages. */
  pipeline(label: string, code: string): Promise<GPUComputePipeline> {
    let pipeline = this.shared.pipelines.get(code);
    if (!pipeline) {
      pipeline = this.compile(label, code);
      this.shared.pipelines.set(code, pipeline);
    }
    return pipeline;
  }

  private async compile(label: string, code: string): Promise<GPUComputePipeline> {
    this.device.pushErrorScope('validation');
    const module = this.device.createShaderModule({ label, code });
    const scope = this.device.popErrorScope();
    const created = this.device.createComputePipelineAsync({
      label,
      layout: 'auto',
      compute: { module, entryPoint: 'main' },
    });
    const [pipeline, error] = await Promise.allSettled([created, scope]);
    if (pipeline.status === 'fulfilled' && error.status === 'fulfilled' && !error.value)
      return pipeline.value;
    const { messages } = await module.getCompilationInfo();
    const details = messages.map((m) => `  line ${m.lineNum}: ${m.message}`);
    if (pipeline.status === 'rejected') details.push(`  ${String(pipeline.reason)}`);
    throw new GpuError(`The kernel ${label} did not compile on this adapter.\n${details.join('\n')}`);
  }

  /** To be asked after a failure: why the device is lost, or undefined when it is not. */
  async lossReason(): Promise<string | undefined> {
    const late = new Promise<undefined>((resolve) => setTimeout(resolve, LOSS_TOLD_MS));
    const told = this.device.lost.then(({ message, reason }) => message || reason);
    return Promise.race([told, late]);
  }

  submit(encoder: GPUCommandEncoder): void {
    if (this.strict) this.device.pushErrorScope('validation');
    this.device.queue.submit([encoder.finish()]);
    if (this.strict) this.scopes.push(this.device.popErrorScope());
  }

  /** Copies `bytes` of a buffer to the host once everything submitted so far is done. @throws GpuError */
  async read(buffer: GPUBuffer, byteOffset = 0, bytes = buffer.size - byteOffset): Promise<ArrayBuffer> {
    if (this.allocations.length > 0) await this.requireMemory();
    const staging = this.device.createBuffer({
      size: bytes,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    const encoder = this.device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, byteOffset, staging, 0, bytes);
    this.submit(encoder);
    try {
      await staging.mapAsync(GPUMapMode.READ);
      return staging.getMappedRange().slice(0);
    } finally {
      staging.destroy();
      this.throwErrors();
    }
  }

  /** Waits until everything submitted is done. @throws GpuError with whatever failed since the last call. */
  async settle(): Promise<void> {
    await this.requireMemory();
    await this.device.queue.onSubmittedWorkDone();
    for (const error of await Promise.all(this.scopes)) if (error) this.shared.errors.push(error.message);
    this.scopes = [];
    this.throwErrors();
  }

  private throwErrors(): void {
    if (this.shared.errors.length)
      throw new GpuError(`The graphics device reported: ${this.shared.errors.splice(0).join('\n')}`);
  }
}
