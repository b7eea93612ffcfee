import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { hasGpuDevice } from '../src/cli/adapter.ts';

const isRoot = process.getuid?.() === 0;

/** WebGPU in a headless browser: on the GPU where the machine has one, else on SwiftShader. */
function gpuFlags(): string[] {
  if (!hasGpuDevice() || process.env.LAB_ADAPTER === 'swiftshader')
    return ['--use-webgpu-adapter=swiftshader'];
  return process.platform === 'linux' ? ['--enable-features=Vulkan', '--use-angle=vulkan'] : [];
}

/** Command line of every browser the tests start. Chromium refuses its sandbox to root. */
export const browserFlags: string[] = [
  ...(isRoot ? ['--no-sandbox'] : []),
  '--enable-unsafe-webgpu',
  ...gpuFlags(),
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function usualPlaces(): string[] {
  if (process.platform === 'darwin') {
    return [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ];
  }
  if (process.platform === 'win32') {
    const roots = [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA];
    return roots.flatMap((root) =>
      root ? [join(root, 'Google', 'Chrome', 'Application', 'chrome.exe')] : [],
    );
  }
  return [
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/snap/bin/chromium',
  ];
}

/**
 * Path of an installed Chrome or Chromium: CHROME_PATH, else Playwright's own, else the system's.
 * @throws when CHROME_PATH names no file.
 */
export function findBrowser(): string | undefined {
  const chosen = process.env.CHROME_PATH;
  if (chosen && !existsSync(chosen)) throw new Error(`CHROME_PATH names no file: ${chosen}`);
  return chosen ?? [chromium.executablePath(), ...usualPlaces()].find(existsSync);
}

/** `findBrowser`, and when there is none installs Chromium: through Playwright, else as root through apt. */
export function ensureBrowser(): string {
  const ways: [string, string[]][] = [['npx', ['playwright', 'install', 'chromium']]];
  if (isRoot && existsSync('/etc/debian_version')) {
    ways.push(['sh', ['-c', 'apt-get update && apt-get install -y chromium libvulkan1']]);
  }
  for (const [command, args] of ways) {
    const found = findBrowser();
    if (found) return found;
    process.stderr.write(`No Chrome or Chromium found; trying: ${command} ${args.join(' ')}\n`);
    try {
      execFileSync(command, args, { stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
    } catch (cause) {
      process.stderr.write(`That failed: ${(cause as Error).message}\n`);
    }
  }
  const found = findBrowser();
  if (found) return found;
  throw new Error(
    'The tests need Chrome or Chromium, and none could be installed. Install one and run again, or set CHROME_PATH to its executable.',
  );
}
