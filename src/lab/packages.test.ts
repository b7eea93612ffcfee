import { expect, test } from 'vitest';
import { tinyWheel, type TinyWheel } from '../tools/packages/testing';
import { preparePackages } from './packages';
import {
  checkExperiment,
  experimentSchema,
  ExperimentError,
  parseExperiment,
  type ExperimentInput,
} from './schema';
import { sha256OfBytes } from './sha256';

const A = 'a-1.0-py3-none-any.whl';
const B = 'folder/b-2.0-py3-none-any.whl';
const wheels: Record<string, TinyWheel> = {
  [A]: { package: 'a', files: { 'a.py': '' }, metadata: ['Requires-Dist: b>=2'] },
  [B]: { package: 'b', version: '2.0', files: { 'b.py': '' } },
};
const read = async (name: string) => (wheels[name] ? tinyWheel(wheels[name]) : undefined);
const of = (tools: ExperimentInput['tools']) => parseExperiment({ tools: { language: 'python', ...tools } });
const prepare = (packages: string, more = {}) => preparePackages(of({ packages, ...more }), read);

/** The paths and messages of what was refused. */
async function refused(result: Promise<unknown>): Promise<[string, string]> {
  const error: unknown = await result.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ExperimentError);
  const [{ path, message }] = (error as ExperimentError).problems;
  return [path, message];
}

test('packages are read and pinned by their hashes, in order', async () => {
  const { experiment, packages } = await prepare(` ${A},${B} `);
  const hashes = await Promise.all([A, B].map(async (name) => sha256OfBytes((await read(name))!)));
  expect(experiment.tools.packages_sha256).toBe(hashes.join(', '));
  expect(packages?.map(({ file, modules }) => [file, modules])).toEqual([
    [A, ['a']],
    ['b-2.0-py3-none-any.whl', ['b']],
  ]);
  expect((await preparePackages(experiment, read)).experiment).toEqual(experiment);
});

test('a run without Python reads none', async () => {
  const experiment = of({ language: 'calculator', packages: 'none.whl' });
  expect(await preparePackages(experiment, read)).toEqual({ experiment });
  expect(checkExperiment(experiment).warnings.map(({ path }) => path)).toEqual(['tools.packages']);
});

test('one that is missing, another one, or incomplete is refused by its name', async () => {
  expect(await refused(prepare('c.whl'))).toEqual([
    'tools.packages',
    expect.stringContaining('no package “c.whl”'),
  ]);
  const packages_sha256 = '0'.repeat(64);
  expect(await refused(prepare(B, { packages_sha256 }))).toEqual([
    'tools.packages_sha256',
    expect.stringContaining(`“${B}” is another one`),
  ]);
  expect(await refused(prepare(A))).toEqual(['tools.packages', expect.stringContaining('a 1.0 needs b >=2')]);
  expect(await refused(prepare(`${B}, ${B}`))).toEqual([
    'tools.packages',
    expect.stringContaining('two wheels'),
  ]);
});

test.each(['x', '0'.repeat(64), `${'0'.repeat(64)}, x`])(
  'hashes %j of two packages are no hashes',
  (packages_sha256) => {
    const tools = { language: 'python' as const, packages: `${A}, ${B}`, packages_sha256 };
    const { errors } = checkExperiment(experimentSchema.parse({ tools }));
    expect(errors.map(({ path }) => path)).toEqual(['tools.packages_sha256']);
  },
);
