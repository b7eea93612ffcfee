/** The form's contents while it is being typed: text by field path, checked against the schema as a whole. */
import { PRESETS } from '../../lab/presets';
import { checkExperiment, experimentSchema, parseExperiment, type Experiment } from '../../lab/schema';
import { FIELDS, rangeText, type FieldSpec } from './fields';

export type Draft = Record<string, string>;

type Value = string | number | boolean;
type Json = { [key: string]: Json | Value };

export function draftOf(experiment: Experiment): Draft {
  const read = (path: string) =>
    path.split('.').reduce<unknown>((node, key) => (node as Json)[key], experiment);
  return Object.fromEntries(FIELDS.map((f) => [f.path, String(read(f.path))]));
}

/** The preset's experiment with every default filled in. */
export const presetDraft = (name: string): Draft => draftOf(parseExperiment(PRESETS[name].experiment));

export interface Reading {
  /** Complete; absent while something is wrong. */
  experiment?: Experiment;
  /** What is wrong, by field. */
  errors: Record<string, string>;
  /** What to know before it runs, by field. */
  warnings: Record<string, string>;
}

export function readDraft(draft: Draft): Reading {
  const document: Json = {};
  for (const field of FIELDS)
    assign(document, field.path.split('.'), valueOf(field, draft[field.path] ?? ''));
  const result = experimentSchema.safeParse(document);
  if (!result.success) {
    const wrong = new Set(result.error.issues.map((issue) => issue.path.join('.')));
    const errors = FIELDS.filter((f) => wrong.has(f.path)).map((f) => [f.path, `Expected: ${rangeText(f)}.`]);
    return { errors: Object.fromEntries(errors) as Record<string, string>, warnings: {} };
  }
  const check = checkExperiment(result.data);
  const byField = (list: readonly { path: string; message: string }[]) =>
    Object.fromEntries(list.map(({ path, message }) => [path, message]));
  return {
    ...(check.errors.length === 0 && { experiment: result.data }),
    errors: byField(check.errors),
    warnings: byField(check.warnings),
  };
}

function valueOf({ type, multiline }: FieldSpec, text: string): Value {
  switch (type) {
    case 'number':
    case 'integer':
      return text.trim() === '' ? NaN : Number(text);
    case 'flag':
      return text === 'true';
    case 'choice':
    case 'text':
      return multiline ? text : text.trim();
  }
}

function assign(node: Json, [key, ...rest]: string[], value: Value): void {
  if (rest.length === 0) node[key] = value;
  else assign((node[key] ??= {}) as Json, rest, value);
}

/** Paths whose value differs from the preset's; `1e-4` and `0.0001` are the same number. */
export function changedPaths(draft: Draft, preset: Draft): string[] {
  return FIELDS.filter(({ path, type }) => {
    const [a, b] = [draft[path].trim(), preset[path].trim()];
    const numeric = type === 'number' || type === 'integer';
    return numeric ? a === '' || Number(a) !== Number(b) : a !== b;
  }).map((f) => f.path);
}
