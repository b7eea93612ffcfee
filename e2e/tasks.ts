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
  /** Longest task of the page on its main thread: processor time it took (where the system tells), and time by the clock. */
  longestCpuMs: number;
  longestWallMs: number;
  /** What that longest task did: its slowest events, for whoever has to mend it. */
  longestDid: string[];
}

/** Events that tell of the page's own work: its code (with the garbage collected under way), its layout and painting. */
const PAGE_WORK =
  /^(FunctionCall|EvaluateScript|EventDispatch|TimerFire|FireAnimationFrame|RunMicrotasks|HandlePostMessage|UpdateLayoutTree|Layout|PrePaint|Paint|Commit)$/;

/** Traces the page's main thread while `work` is under way. Processor time does not depend on what else the machine does. */
export async function traceTasks(page: Page, work: () => Promise<void>): Promise<Tasks> {
  const browser = page.context().browser()!;
  await browser.startTracing(page, {
    categories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline', '__metadata'],
  });
  await work();
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const isMain = new Set(
    trace.traceEvents
      .filter((e) => e.name === 'thread_name' && e.args.name === 'CrRendererMain')
      .map((e) => `${e.pid} ${e.tid}`),
  );
  const onMain = trace.traceEvents.filter((e) => e.ph === 'X' && isMain.has(`${e.pid} ${e.tid}`));
  const inside = (task: TraceEvent) =>
    onMain.filter(
      (e) =>
        e !== task &&
        e.tid === task.tid &&
        e.pid === task.pid &&
        e.ts >= task.ts &&
        e.ts < task.ts + (task.dur ?? 0),
    );
  const cpu = (e: TraceEvent) => e.tdur ?? e.dur ?? 0;
  // Longest first; a task in which the page neither ran code nor drew is the browser's own, as the start of a trace or collecting garbage at rest is.
  const tasks = onMain.filter((e) => e.name.endsWith('RunTask')).sort((a, b) => cpu(b) - cpu(a));
  const worst = tasks.find((task) => inside(task).some((e) => PAGE_WORK.test(e.name)));
  const within = worst ? inside(worst) : [];
  return {
    count: tasks.length,
    longestCpuMs: worst ? cpu(worst) / 1000 : 0,
    longestWallMs: (worst?.dur ?? 0) / 1000,
    longestDid: within
      .sort((a, b) => cpu(b) - cpu(a))
      .slice(0, 8)
      .map((e) => `${e.name} ${(cpu(e) / 1000).toFixed(0)} ms`),
  };
}
