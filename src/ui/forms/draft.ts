/** The form's contents while it is being typed: text by field path, checked against the schema as a whole. */
import { PRESETS } from '../../lab/presets';
import { experimentSchema, parseExperiment, type Experiment } from '../../lab/schema';
import { FIELDS, rangeText } from './fields';

export type Draft = Record<string, string>;

type Json = { [key: string]: Json | string | number };

export function draftOf(experiment: Experiment): Draft {
  const read = (path: string) =>
    path.split('.').reduce<unknown>((node, key) => (node as Json)[key], experiment);
  return Object.fromEntries(FIELDS.map((f) => [f.path, String(read(f.path))]));
}

/** The preset's experiment with every default filled in. */
export const presetDraft = (name: string): Draft => draftOf(parseExperiment(PRESETS[name].experiment));

/** The complete experiment, or a message for each field that is not right. */
export function readDraft(draft: Draft): { experiment?: Experiment; errors: Record<string, string> } {
  const document: Json = {};
  for (const field of FIELDS) {
    const text = (draft[field.path] ?? '').trim();
    const numeric = field.type === 'number' || field.type === 'integer';
    assign(document, field.path.split('.'), numeric ? (text === '' ? NaN : Number(text)) : text);
  }
  const result = experimentSchema.safeParse(document);
  if (result.success) return { experiment: result.data, errors: {} };
  const wrong = new Set(result.error.issues.map((issue) => issue.path.join('.')));
  return {
    errors: Object.fromEntries(
      FIELDS.filter((f) => wrong.has(f.path)).map((f) => [f.path, `Expected: ${rangeText(f)}.`]),
    ),
  };
}

function assign(node: Json, [key, ...rest]: string[], value: string | number): void {
  if (rest.length === 0) node[key] = value;
  else assign((node[key] ??= {}) as Json, rest, value);
}

/** Paths whose value differs from the preset's; `1e-4` and `0.0001` are the same number. */
export function changedPaths(draft: Draft, preset: Draft): string[] {
  return FIELDS.filter(({ path, type }) => {
    const [a, b] = [draft[path].trim(), preset[path].trim()];
    return type === 'choice' || type === 'text' ? a !== b : a === '' || Number(a) !== Number(b);
  }).map((f) => f.path);
}
