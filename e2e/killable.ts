/** A real Chromium on a profile of its own, which can be killed as a power cut would. */
import { chromium, type Browser, type Page } from '@playwright/test';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { browserFlags, ensureBrowser } from './browser.ts';

const FLAGS = ['--headless', '--no-first-run', '--remote-debugging-port=0', ...browserFlags];

export class KillableBrowser {
  private constructor(
    private readonly process: ChildProcess,
    private readonly browser: Browser,
    readonly page: Page,
  ) {}

  /** @param profile a folder; what an earlier browser stored in it is there */
  static async open(profile: string): Promise<KillableBrowser> {
    const child = spawn(ensureBrowser(), [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      // A group of its own, so that a kill takes its renderer and GPU processes at the same moment.
      detached: true,
    });
    const browser = await chromium.connectOverCDP(await endpointOf(child));
    const [page] = browser.contexts()[0].pages();
    return new KillableBrowser(child, browser, page);
  }

  /** SIGKILL to all its processes; resolves when they are gone. */
  async kill(): Promise<void> {
    const gone = once(this.process, 'exit');
    if (process.platform === 'win32') this.process.kill('SIGKILL');
    else process.kill(-this.process.pid!, 'SIGKILL');
    await gone;
    await this.browser.close().catch(() => undefined);
  }
}

async function endpointOf(child: ChildProcess): Promise<string> {
  const lines = createInterface(child.stderr!);
  for await (const line of lines) {
    const endpoint = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (!endpoint) continue;
    child.stderr!.resume();
    return endpoint;
  }
  throw new Error('Chromium ended before it could be spoken to.');
}
