/** How long the page's main thread was busy at a time, on a machine of a known speed. */
import type { Page } from '@playwright/test';

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  dur?: number;
  tdur?: number;
  ts: number;
  args: {
    name?: string;
    data?: { functionName?: string; lineNumber?: number; columnNumber?: number };
    chrome_mojo_event_info?: { mojo_interface_tag?: string };
  };
}

export interface Tasks {
  count: number;
  /** Processor time of the page's longest tasks on its main thread, longest first, and what each did: its slowest events. */
  longest: { ms: number; did: string[] }[];
  /** Milliseconds of the reference work here and now: `REFERENCE_MS` on a machine of the usual speed. */
  referenceMs: number;
  /** How long the page is busy at a time, again and again: the third of `longest`, on a machine of the usual speed. */
  recurringMs: number;
}

/** What the reference work takes on two shared cores of a rented server. */
const REFERENCE_MS = 20;

/** A page that answers within 100 ms seems to do so at once (the RAIL model's “response”). */
export const RESPONSIVE_MS = 100;

/**
 * So often `work` must do each thing whose tasks are to count. A machine that shares its processors stops a page now and
 * then, and books that on the task under way: one long task says nothing, the third one does.
 */
export const OCCURRENCES = 3;

/** Events that tell of the page's own work: its code (with the garbage collected under way), its layout and painting. */
const PAGE_WORK =
  /^(FunctionCall|EvaluateScript|EventDispatch|TimerFire|FireAnimationFrame|RunMicrotasks|HandlePostMessage|UpdateLayoutTree|Layout|PrePaint|Paint|Commit)$/;

/** With the function's place in the page's script, or with what the browser answered. */
function nameOf({ name, args: { data, chrome_mojo_event_info: message } }: TraceEvent): string {
  if (data?.columnNumber) return `${name} ${data.functionName ?? ''}@${data.lineNumber}:${data.columnNumber}`;
  return message?.mojo_interface_tag ? `${name} ${message.mojo_interface_tag}` : name;
}

/** Times of the same work on the page's main thread: objects, strings and a sort, as a page's own code has them. */
const timeReference = (page: Page): Promise<number[]> =>
  page.evaluate(async () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => ({ id: (i * 7919) % 20_011, name: `row ${i}` }));
    const times: number[] = [];
    for (let i = 0; i < 9; i++) {
      await new Promise((resolve) => setTimeout(resolve));
      const begin = performance.now();
      const copy = JSON.parse(JSON.stringify(rows)) as typeof rows;
      copy.sort((a, b) => a.id - b.id);
      times.push(performance.now() - begin);
    }
    return times;
  });

/** Traces the page's main thread while `work` is under way. */
export async function traceTasks(page: Page, work: () => Promise<void>): Promise<Tasks> {
  const before = await timeReference(page);
  const browser = page.context().browser()!;
  await browser.startTracing(page, {
    categories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline', '__metadata'],
  });
  await work();
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const references = [...before, ...(await timeReference(page))].sort((a, b) => a - b);
  const referenceMs = references[Math.floor(references.length / 2)];
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
  // A task in which the page neither ran code nor drew is the browser's own, as the start of a trace or collecting garbage at rest is.
  const own = onMain
    .filter((e) => e.name === 'RunTask')
    .filter((task) => inside(task).some((e) => PAGE_WORK.test(e.name)))
    .sort((a, b) => cpu(b) - cpu(a));
  const longest = own.slice(0, OCCURRENCES).map((task) => ({
    ms: cpu(task) / 1000,
    did: inside(task)
      .sort((a, b) => cpu(b) - cpu(a))
      .slice(0, 8)
      .map((e) => `${nameOf(e)} ${(cpu(e) / 1000).toFixed(0)} ms`),
  }));
  const recurringMs = ((longest[OCCURRENCES - 1]?.ms ?? 0) * REFERENCE_MS) / referenceMs;
  return { count: own.length, longest, referenceMs, recurringMs };
}
