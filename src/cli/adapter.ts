import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { lookForEventsAtLeisure } from './dawn-events.ts';

const MESA = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d'];
const LAVAPIPE_NAMES = ['lvp_icd.json', 'lvp_icd.x86_64.json', 'lvp_icd.aarch64.json'];

/** No WebGPU adapter under Node: the message says which package or variable helps. */
export class NoVulkanDriverError extends Error {
  override name = 'NoVulkanDriverError';
  constructor(what: string) {
    super(
      `${what}\n` +
        'Dawn needs a GPU driver, or a Vulkan driver that runs on the CPU together with the Vulkan loader (libvulkan1). One of these helps:\n' +
        '  - the driver of your GPU (on Linux its Vulkan part);\n' +
        "  - Chrome or Chromium, which bring SwiftShader: 'npx playwright install chromium' or 'apt-get install chromium libvulkan1';\n" +
        "  - Mesa's lavapipe, version 23 or newer: 'apt-get install mesa-vulkan-drivers' (Debian 12: from bookworm-backports);\n" +
        '  - LAB_ADAPTER=swiftshader, LAB_ADAPTER=lavapipe or LAB_ADAPTER=<path of a Vulkan *_icd.json> chooses one by hand.',
    );
  }
}

/** Whether this machine shows a GPU device. On Linux the device nodes tell; elsewhere a GPU is assumed. */
export function hasGpuDevice(): boolean {
  if (process.platform !== 'linux') return true;
  const renderNode = existsSync('/dev/dri') && readdirSync('/dev/dri').some((n) => n.startsWith('renderD'));
  return renderNode || existsSync('/dev/nvidiactl') || existsSync('/dev/dxg');
}

/** Whether `openNodeGpu`, asked for nothing else, takes the SwiftShader that lies beside the browser. */
export const sharesBrowsersAdapter = (): boolean =>
  !process.env.LAB_ADAPTER &&
  !process.env.VK_DRIVER_FILES &&
  !process.env.VK_ICD_FILENAMES &&
  !hasGpuDevice() &&
  findSwiftShader() !== undefined;

/** SwiftShader's Vulkan manifest: it lies beside the browser's executable. */
function findSwiftShader(): string | undefined {
  const folders = [
    ...(process.env.CHROME_PATH ? [dirname(process.env.CHROME_PATH)] : []),
    '/usr/lib/chromium',
    '/usr/lib/chromium-browser',
    '/usr/lib64/chromium-browser',
    '/opt/google/chrome',
    '/opt/chromium.org/chromium',
    ...playwrightFolders(),
  ];
  return folders.map((f) => join(f, 'vk_swiftshader_icd.json')).find(existsSync);
}

/** Folders of the browsers that Playwright has downloaded, newest first. */
function playwrightFolders(): string[] {
  const root = process.env.PLAYWRIGHT_BROWSERS_PATH ?? join(homedir(), '.cache', 'ms-playwright');
  if (!existsSync(root)) return [];
  const browsers = readdirSync(root).filter((n) => n.startsWith('chromium'));
  return browsers
    .sort()
    .reverse()
    .flatMap((b) => readdirSync(join(root, b)).map((inner) => join(root, b, inner)));
}

function findLavapipe(): string | undefined {
  return MESA.flatMap((folder) => LAVAPIPE_NAMES.map((name) => join(folder, name))).find(existsSync);
}

/** The manifest that LAB_ADAPTER names. @throws {NoVulkanDriverError} when it is not on this machine. */
function chosenDriver(choice: string): string {
  const found =
    choice === 'swiftshader' ? findSwiftShader() : choice === 'lavapipe' ? findLavapipe() : resolve(choice);
  if (!found || !existsSync(found)) {
    throw new NoVulkanDriverError(`LAB_ADAPTER=${choice}: that driver was not found on this machine.`);
  }
  return found;
}

let opened: Promise<GPU> | undefined;

/**
 * WebGPU under Node through Dawn (`webgpu` on npm). Puts the WebGPU constants on `globalThis` and returns
 * the `GPU`; a second call returns the same one. Order: LAB_ADAPTER; the Vulkan loader's own variables;
 * a hardware GPU; SwiftShader; whatever else the loader finds (Mesa lavapipe).
 *
 * The process does not exit by itself while the `GPU` is held: end it with `process.exit`.
 * @throws {NoVulkanDriverError} when no adapter can be had.
 */
export function openNodeGpu(): Promise<GPU> {
  opened ??= open();
  return opened;
}

async function open(): Promise<GPU> {
  const { create, globals } = await import('webgpu').catch((cause: unknown) => {
    throw new NoVulkanDriverError(`Dawn could not be loaded: ${String(cause)}`);
  });
  Object.assign(globalThis, globals);
  const start = async () => {
    const gpu = create([]);
    const adapter = await gpu.requestAdapter();
    if (adapter?.info.isFallbackAdapter) lookForEventsAtLeisure();
    return adapter && { gpu, isHardware: !adapter.info.isFallbackAdapter };
  };

  const choice = process.env.LAB_ADAPTER;
  if (choice) selectDriver(chosenDriver(choice));
  const chosen = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES;
  if (chosen) {
    const started = await start();
    if (!started) throw new NoVulkanDriverError(`Dawn refuses the Vulkan driver ${chosen}.`);
    return started.gpu;
  }

  const preferred = hasGpuDevice() ? await start() : null;
  if (preferred?.isHardware) return preferred.gpu;
  const swiftshader = findSwiftShader();
  if (swiftshader) {
    selectDriver(swiftshader);
    const started = await start();
    if (started) return started.gpu;
    delete process.env.VK_DRIVER_FILES;
  }
  const last = preferred ?? (await start());
  if (!last) throw new NoVulkanDriverError('No WebGPU adapter was found.');
  return last.gpu;
}

/** Dawn reads the variable each time it makes an instance, so it can be set in the running process. */
function selectDriver(icd: string): void {
  process.env.VK_DRIVER_FILES = icd;
  process.stderr.write(`adapter: using the Vulkan driver ${icd}\n`);
}
