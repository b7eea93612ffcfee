/** The sandbox of a policy's tool calls: what a batch of short calls costs. */
import { openInterpreter } from '../../src/tools/browser/open';
import { DEFAULT_LIMITS, type Interpreter } from '../../src/tools/types';
import { rounded } from './harness';

const CALLS = 64;
const WORKERS = [1, 2] as const;

/** Five lines each. */
const CODE = {
  python: (n: number) =>
    `import math\nn = ${n}\nroots = [math.sqrt(i) for i in range(10)]\ntotal = sum(roots) + n\nprint(round(total, 3))`,
  javascript: (n: number) =>
    `const n = ${n};\nconst roots = [...Array(10).keys()].map(Math.sqrt);\nlet total = n;\nfor (const root of roots) total += root;\nprint(total.toFixed(3));`,
};

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return rounded(performance.now() - begin);
}

const batch = (interpreter: Interpreter, code: (n: number) => string) => () =>
  Promise.all(Array.from({ length: CALLS }, (_, n) => interpreter.call(code(n))));

/** Milliseconds: the first start, a start after a kill, and the quickest of `rounds` batches on one and on two workers. */
export async function benchTools(rounds: number) {
  const result: Record<string, Record<string, number>> = {};
  for (const [language, code] of Object.entries(CODE)) {
    const figures: Record<string, number> = {};
    for (const workers of WORKERS) {
      const interpreter = await openInterpreter(language as keyof typeof CODE, DEFAULT_LIMITS, workers);
      const start = await timed(() => interpreter.call('1'));
      if (workers === 1) {
        figures.start = start;
        const killed = new AbortController();
        const call = interpreter.call(
          language === 'python' ? 'while True: pass' : 'for (;;) {}',
          killed.signal,
        );
        killed.abort();
        await call.catch(() => undefined);
        figures.restart = await timed(() => interpreter.call('1'));
      }
      await batch(interpreter, code)();
      const times = [];
      for (let round = 0; round < rounds; round++) times.push(await timed(batch(interpreter, code)));
      figures[`${CALLS} calls, workers: ${workers}`] = Math.min(...times);
      interpreter.close();
    }
    result[language] = figures;
  }
  return result;
}
