import { describe, expect, test } from 'vitest';
import { COMPARISONS } from '../lab/comparisons/catalogue';
import { plannedRuns } from '../lab/comparisons/arms';
import { PRESETS } from '../lab/presets';
import { parseExperiment } from '../lab/schema';
import { Random } from '../random';
import { sharedRows } from './curves';
import { LinkError } from './error';
import { decodeLink, encodeLink, isLink } from './link';
import { pack } from './payload';

const experiments = [
  ...Object.values(PRESETS).map(({ experiment }) => parseExperiment(experiment)),
  ...Object.values(COMPARISONS).flatMap((comparison) =>
    plannedRuns(comparison, [7]).map((run) => run.experiment),
  ),
];

/** A run of 300 steps with an evaluation every 20. */
const metrics = Array.from({ length: 301 }, (_, step) => ({
  step,
  entropy: 1 / (step + 1),
  ...(step > 0 && { 'completions/mean_length': 20 + step / 3, loss: 1 }),
  ...(step % 20 === 0 && { 'eval/greedy/accuracy': step / 300 }),
}));

describe('a link', () => {
  test('gives back every preset and every arm of every comparison', async () => {
    for (const experiment of experiments) {
      const link = await encodeLink(experiment);
      expect(await decodeLink(`https://example.org/lab/#${link}`)).toEqual({ experiment });
      expect(link.length).toBeLessThan(400);
    }
  });

  test('carries text of any script, and code', async () => {
    const experiment = parseExperiment({
      name: 'Länge 長さ 🧮 <b>"quoted"</b>',
      reward: {
        custom: 1,
        custom_code: 'function reward({ response }) {\n  return response.length > 3 ? 1 : 0;\n}',
      },
    });
    expect((await decodeLink(await encodeLink(experiment))).experiment).toEqual(experiment);
  });

  test('carries the curves of a run, every evaluation among them, in less than 2,500 characters', async () => {
    const link = await encodeLink(parseExperiment({}), metrics);
    expect(link.length).toBeLessThan(2500);
    const rows = sharedRows((await decodeLink(link)).curves!);
    expect(rows.length).toBe(60);
    for (const row of rows) {
      const original = metrics[row.step] as Record<string, number>;
      expect(row).not.toHaveProperty('loss');
      for (const [name, value] of Object.entries(row))
        expect(value).toBe(Number(original[name].toPrecision(3)));
    }
    const evaluated = rows.filter((row) => 'eval/greedy/accuracy' in row).map((row) => row.step);
    expect(evaluated).toEqual(metrics.filter((m) => 'eval/greedy/accuracy' in m).map((m) => m.step));
  });

  test('carries the further sets, and how right the run was on them', async () => {
    const experiment = parseExperiment({ evaluation: { eval_dataset: 'arrows:1-2, letters' } });
    const [own, name] = ['eval/greedy/accuracy', 'eval/arrows:1-2/greedy/accuracy'];
    const lines = [0, 20].map((step) => ({ step, [own]: 1, [name]: step / 50 }));
    const written = lines.map((line) => ({ ...line, 'eval/arrows:1-2/greedy/mean_length': 3 }));
    const opened = await decodeLink(await encodeLink(experiment, written));
    expect(opened.experiment).toEqual(experiment);
    expect(sharedRows(opened.curves!)).toEqual(lines);
  });

  test('of an experiment of version 1 is migrated', async () => {
    const old = { version: 1, objective: { beta: 0.01 } };
    const { experiment } = await decodeLink(`link=1.${await pack({ changes: old })}`);
    expect(experiment.kl).toMatchObject({ schedule: 'fixed', beta: 0.01 });
  });

  /** Made by the first version of links; it must open for ever. */
  test('of long ago still opens', async () => {
    const { experiment, curves } = await decodeLink(FIRST);
    expect(experiment.name).toBe('A link of the first version');
    expect(experiment.rollout.temperature).toBe(1.2);
    expect(experiment.kl).toMatchObject({ schedule: 'cosine', beta: 1 });
    expect(curves?.steps).toEqual([0, 20, 40]);
  });
});

describe('what is not a link is refused with an explanation', () => {
  const refused = async (text: string, why: RegExp) => {
    await expect(decodeLink(text)).rejects.toThrow(LinkError);
    await expect(decodeLink(text)).rejects.toThrow(why);
  };
  const holding = async (contents: unknown) => `link=1.${await pack(contents)}`;

  test('another address', async () => {
    expect(isLink('#run=3')).toBe(false);
    expect(isLink('#link=1.x')).toBe(true);
    await refused('#run=3', /does not look like a link/);
    await refused('', /does not look like a link/);
  });
  test('a newer version', () => refused('link=2.AAAA', /another version of the lab/));
  test('half of it', async () => {
    const link = await encodeLink(experiments[3]);
    await refused(link.slice(0, link.length / 2), /damaged, or a part of it is missing/);
  });
  test('one of endless length', () => refused(`link=1.${'A'.repeat(1e6)}`, /longer than any link/));
  test('one that unpacks to a ten megabytes', async () => {
    const zeros = new Blob([new Uint8Array(1e7)]).stream().pipeThrough(new CompressionStream('deflate-raw'));
    const body = new Uint8Array(await new Response(zeros).arrayBuffer());
    const check = new Uint8Array(await crypto.subtle.digest('SHA-256', body)).subarray(0, 6);
    await refused(
      `link=1.${Buffer.concat([check, body]).toString('base64url')}`,
      /more than any experiment needs/,
    );
  });
  test('contents of another shape', async () => {
    for (const contents of [null, 3, [], {}, { changes: [] }, { changes: {}, extra: 1 }])
      await refused(await holding(contents), /not what a link of this lab holds/);
  });
  test('a setting, a base that the lab does not know', async () => {
    await refused(await holding({ base: 'aha-2', changes: { rollout: { warp: 9 } } }), /sets "rollout.warp"/);
    await refused(await holding({ base: 'toString', changes: {} }), /starts from "toString"/);
  });
  test('a prototype in disguise', async () => {
    const text =
      '{"base":"aha-2","changes":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}';
    await refused(await holding(JSON.parse(text)), /link/);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
  test('settings out of range, or against each other', async () => {
    await refused(await holding({ base: 'aha-2', changes: { seed: -1 } }), /seed/);
    await refused(
      await holding({ base: 'aha-2', changes: { rollout: { num_generations: 1 } } }),
      /num_generations/,
    );
  });
  test('curves that fall back in time', async () => {
    const curves = { steps: [3, 2], values: { entropy: [1, 2] } };
    await refused(await holding({ base: 'aha-2', changes: {}, curves }), /curves are damaged/);
  });

  test('10,000 mutations: the same experiment or an explanation', async () => {
    const seed = 20250304;
    const random = new Random(seed);
    const links = await Promise.all([encodeLink(experiments[2]), encodeLink(experiments[5], metrics)]);
    const meant = await Promise.all(links.map(decodeLink));
    const alphabet = 'ABCxyz019-_.=#% \u0000é&';
    for (let i = 0; i < 10_000; i++) {
      const which = random.int(links.length);
      let text = links[which];
      for (let edits = random.range(1, 3); edits > 0; edits--) {
        const [at, length] = [random.int(text.length), random.int(4)];
        text =
          text.slice(0, at) + random.choice([...alphabet]).repeat(random.int(3)) + text.slice(at + length);
      }
      const outcome = await decodeLink(text).catch((error: unknown) => error);
      if (!(outcome instanceof LinkError))
        expect(outcome, `seed ${seed}, mutation ${i}: ${text}`).toEqual(meant[which]);
    }
  });
});

const FIRST =
  'link=1.NFISWkx6LY1BjsMgEAS_gvo8cbB3c-G271j5MCGT2AoBawBLUcTfV8h7rSp1f3DlLHDghU8TCH7h-JAM90HkVzc_JqzxadLdlEXMfdVczC6a1xRB0BRCqqX3RV6bKJeqAjcOUyM8QxfZL3KroY_5lNcoIFylMNzYGsFX3Y_HXGTLcL-WJkvfdibsHOrhZOdwfqjI7X1m76uyf_d0GMkOX2SHy0yQWDRtB7_883Furf0B';
