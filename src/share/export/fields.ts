/** The settings of an experiment, one by one. */
import { toJSONSchema } from 'zod';
import { experimentSchema, type Experiment } from '../../lab/schema';
import type { FieldPath } from './types';

export interface Field {
  path: FieldPath;
  label: string;
  value: unknown;
  isDefault: boolean;
}

/** The part of JSON Schema that `toJSONSchema` writes for the experiment. */
interface Node {
  label?: string;
  properties?: Record<string, Node>;
}

const ROOT = toJSONSchema(experimentSchema, { io: 'input' }) as Node;
const DEFAULTS = experimentSchema.parse({});

/** In the schema's order; the document's version is none of them. */
export const fieldsOf = (experiment: Experiment): Field[] =>
  walk(ROOT, experiment, DEFAULTS, []).filter(({ path }) => (path as string) !== 'version');

function walk(
  { label = '', properties }: Node,
  value: unknown,
  standard: unknown,
  keys: readonly string[],
): Field[] {
  if (!properties)
    return [{ path: keys.join('.') as FieldPath, label, value, isDefault: value === standard }];
  const inner = (document: unknown, key: string) => (document as Record<string, unknown>)[key];
  return Object.entries(properties).flatMap(([key, child]) =>
    walk(child, inner(value, key), inner(standard, key), [...keys, key]),
  );
}
