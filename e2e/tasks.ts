/** How long the page's main thread was busy at a time. */
import type { Page } from '@playwright/test';

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  dur?: number;
  tdur?: number;
  args: { name?: string };
}

export interface Tasks {
  count: number;
  /** Longest task on the page’s main thread: processor time it took (where the system tells), and time by the clock. */
  longestCpuMs: number;
  longestWallMs: number;
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
  const longest = (of: (e: TraceEvent) => number) => Math.max(0, ...tasks.map(of)) / 1000;
  return {
    count: tasks.length,
    longestCpuMs: longest((e) => e.tdur ?? e.dur ?? 0),
    longestWallMs: longest((e) => e.dur ?? 0),
  };
}
