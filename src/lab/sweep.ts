/** A grid of experiments: every combination of the values given for some settings. */
import { z } from 'zod';
import { PRESETS } from './presets';
import { ExperimentError, parseExperiment, type Experiment } from './schema';

/** More than anybody waits for, and less than fills a disk by a slip of the pen. */
export const MAX_CELLS = 1000;

const gridSchema = z.strictObject({
  /** A preset by name, or an experiment document; the default experiment without it. */
  base: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
  /** Values by the path of a setting, for instance `{"rollout.temperature": [0.8, 1], "seed": [0, 1, 2]}`. */
  grid: z.record(z.string(), z.array(z.union([z.string(), z.number(), z.boolean()])).min(1)),
});

export interface Cell {
  /** A folder's name: the values in the grid's order. */
  name: string;
  values: Record<string, string | number | boolean>;
  experiment: Experiment;
}

/**
 * The cells of a grid document; the setting named last changes fastest.
 * @throws ExperimentError naming the path at fault, before anything runs
 */
export function cellsOf(document: unknown): Cell[] {
  const { base, grid } = readGrid(document);
  const names = Object.keys(grid);
  const count = names.reduce((product, name) => product * grid[name].length, 1);
  if (count > MAX_CELLS)
    throw fault('grid', `It has ${count} combinations, at most ${MAX_CELLS} are run by one sweep.`);
  let combinations: Cell['values'][] = [{}];
  for (const name of names)
    combinations = combinations.flatMap((values) =>
      grid[name].map((value) => ({ ...values, [name]: value })),
    );
  const cells = combinations.map((values) => cellOf(base, values));
  const twice = cells.find((cell, i) => cells.findIndex(({ name }) => name === cell.name) < i);
  if (twice) throw fault('grid', `Two combinations have the same values: ${twice.name}.`);
  return cells;
}

function readGrid(document: unknown): {
  base: Record<string, unknown>;
  grid: z.output<typeof gridSchema>['grid'];
} {
  const read = gridSchema.safeParse(document);
  if (!read.success) {
    const [{ path, message }] = read.error.issues;
    throw fault(
      path.join('.') || 'the document',
      `${message}. A grid is {"base": "aha-quick", "grid": {"seed": [0, 1]}}.`,
    );
  }
  const { base = {}, grid } = read.data;
  if (typeof base !== 'string') return { base, grid };
  if (!Object.hasOwn(PRESETS, base))
    throw fault('base', `There is no preset "${base}". Presets: ${Object.keys(PRESETS).join(', ')}.`);
  return { base: PRESETS[base].experiment, grid };
}

function cellOf(base: Record<string, unknown>, values: Cell['values']): Cell {
  const document = structuredClone(base);
  for (const [path, value] of Object.entries(values)) {
    const [section, field, ...rest] = path.split('.');
    if (rest.length > 0 || !section)
      throw fault(path, 'A setting is "seed" or "section.field", for instance "rollout.temperature".');
    if (field === undefined) document[section] = value;
    else document[section] = { ...(document[section] as object | undefined), [field]: value };
  }
  const name = Object.entries(values)
    .map(([path, value]) =>
      `${path.split('.').at(-1)}-${String(value)}`.replace(/[^A-Za-z0-9.+-]+/g, '_').slice(0, 60),
    )
    .join(' ')
    .replaceAll(' ', '_');
  return { name: name || 'base', values, experiment: parseExperiment(document) };
}

const fault = (path: string, message: string) => new ExperimentError([{ path, message }]);
