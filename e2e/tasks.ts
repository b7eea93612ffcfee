/** How long the page's main thread was busy at a time. */
import type { Page } from '@playwright/test';

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  dur?: number;
  tdur?: number;
  ts: number;
  args: { name?: string };
}

export interface Tasks {
  count: number;
  /** Longest task on the page’s main thread: processor time it took (where the system tells), and time by the clock. */
  longestCpuMs: number;
  longestWallMs: number;
  /** What that longest task did: its slowest events, for whoever has to mend it. */
  longestDid: string[];
}

/** Traces the page's main thread while `work` is under way. Processor time does not depend on what else the machine does. */
export async function traceTasks(page: Page, work: () => Promise<void>): Promise<Tasks> {
  const browser = page.context().browser()!;
  await browser.startTracing(page, {
    categories: ['toplevel', 'disabled-by-default-devtools.timeline', '__metadata'],
  });
  await work();
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const isMain = new Set(
    trace.traceEvents
      .filter((e) => e.name === 'thread_name' && e.args.name === 'CrRendererMain')
      .map((e) => `${e.pid} ${e.tid}`),
  );
  const tasks = trace.traceEvents.filter(
    (e) => e.ph === 'X' && e.name.endsWith('RunTask') && isMain.has(`${e.pid} ${e.tid}`),
  );
  const cpu = (e: TraceEvent) => e.tdur ?? e.dur ?? 0;
  const worst = tasks.reduce<TraceEvent | undefined>((a, b) => (a && cpu(a) >= cpu(b) ? a : b), undefined);
  const within = trace.traceEvents.filter(
    (e) =>
      worst &&
      e !== worst &&
      e.ph === 'X' &&
      e.pid === worst.pid &&
      e.tid === worst.tid &&
      e.ts >= worst.ts &&
      e.ts < worst.ts + (worst.dur ?? 0),
  );
  return {
    count: tasks.length,
    longestCpuMs: worst ? cpu(worst) / 1000 : 0,
    longestWallMs: Math.max(0, ...tasks.map((e) => e.dur ?? 0)) / 1000,
    longestDid: within
      .sort((a, b) => cpu(b) - cpu(a))
      .slice(0, 8)
      .map((e) => `${e.name} ${(cpu(e) / 1000).toFixed(0)} ms`),
  };
}
