/** The experiment form as a plain list, read once from the schema: add a field there and it appears here. */
import { toJSONSchema } from 'zod';
import { experimentSchema } from '../../lab/schema';

export interface FieldSpec {
  /** Where the value lives in the document, for instance `rollout.temperature`. */
  path: string;
  group: string;
  label: string;
  help: string;
  unit: string;
  type: 'number' | 'integer' | 'text' | 'choice' | 'flag';
  min?: number;
  max?: number;
  step?: number;
  options: string[];
  default: string | number | boolean;
  advanced: boolean;
  /** Of a text: several lines, prose or code. */
  multiline?: 'text' | 'code';
}

/** The part of JSON Schema that `toJSONSchema` writes for this schema, field meta included. */
interface Node {
  type?: string;
  const?: unknown;
  enum?: string[];
  properties?: Record<string, Node>;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  default?: string | number | boolean;
  label?: string;
  help?: string;
  unit?: string;
  step?: number;
  advanced?: boolean;
  multiline?: 'text' | 'code';
}

const typeOf = (node: Node): FieldSpec['type'] => {
  if (node.enum) return 'choice';
  if (node.type === 'boolean') return 'flag';
  return node.type === 'integer' || node.type === 'number' ? node.type : 'text';
};

function walk(node: Node, path: string[], group: string): FieldSpec[] {
  if (node.properties) {
    return Object.entries(node.properties).flatMap(([key, child]) =>
      walk(child, [...path, key], node.label ?? group),
    );
  }
  if (node.const !== undefined) return [];
  const type = typeOf(node);
  return [
    {
      path: path.join('.'),
      group,
      label: node.label ?? path.join('.'),
      help: node.help ?? '',
      unit: node.unit ?? '',
      type,
      min: node.minimum ?? node.minLength,
      max: node.maximum ?? node.maxLength,
      step: node.step ?? (type === 'integer' ? 1 : undefined),
      options: node.enum ?? [],
      default: node.default ?? '',
      advanced: node.advanced ?? false,
      ...(node.multiline && { multiline: node.multiline }),
    },
  ];
}

export const FIELDS: readonly FieldSpec[] = walk(
  toJSONSchema(experimentSchema, { io: 'input' }) as Node,
  [],
  'General',
);

/** What a field accepts, in words: "whole number from 1 to 1,024". */
export function rangeText(field: FieldSpec): string {
  const [min, max] = [field.min, field.max].map((x) =>
    x?.toLocaleString('en', { maximumSignificantDigits: 15 }),
  );
  if (field.type === 'choice') return `one of: ${field.options.join(', ')}`;
  if (field.type === 'flag') return 'yes or no';
  if (field.type === 'text') return max ? `${min ?? 0} to ${max} characters` : 'not empty';
  return `${field.type === 'integer' ? 'whole number' : 'number'} from ${min} to ${max}`;
}
