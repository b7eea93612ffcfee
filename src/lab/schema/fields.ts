/** The kinds of field an experiment is made of; each carries its label, unit, help and step as `meta` for the form. */
import { z } from 'zod';

export interface FieldMeta {
  label: string;
  help: string;
  unit?: string;
  /** Spinner step of the number input. */
  step?: number;
  /** Shown only under "more settings". */
  advanced?: boolean;
  /** A text of several lines: `text`, or `code` in a fixed-width face. */
  multiline?: 'text' | 'code';
}

export const number = (min: number, max: number, value: number, meta: FieldMeta) =>
  z
    .number()
    .min(min)
    .max(max)
    .default(value)
    .meta({ ...meta });

export const integer = (min: number, max: number, value: number, meta: FieldMeta) =>
  z
    .int()
    .min(min)
    .max(max)
    .default(value)
    .meta({ ...meta });

export const flag = (value: boolean, meta: FieldMeta) =>
  z
    .boolean()
    .default(value)
    .meta({ ...meta });

export const choice = <const T extends readonly [string, ...string[]]>(
  options: T,
  value: NoInfer<T[number]>,
  meta: FieldMeta,
) =>
  z
    .enum(options)
    .default(value as never)
    .meta({ ...meta });

export const text = (max: number, value: string, meta: FieldMeta) =>
  z
    .string()
    .max(max)
    .default(value)
    .meta({ ...meta });

/** A part of the document under one heading; absent, it is all defaults. */
export const section = <S extends z.ZodRawShape>(label: string, shape: S) =>
  z
    .strictObject(shape)
    .prefault({} as never)
    .meta({ label });
