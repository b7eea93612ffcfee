/** A user's text, read into rows with named fields. */
import Papa from 'papaparse';

export type ImportFormat = 'jsonl' | 'csv';

const FORMATS: Readonly<Record<string, ImportFormat>> = {
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  csv: 'csv',
  tsv: 'csv',
};

/** The format that a file's name tells of, if it does. */
export function formatOf(fileName: string): ImportFormat | undefined {
  const extension = fileName.slice(fileName.lastIndexOf('.') + 1).toLowerCase();
  return Object.hasOwn(FORMATS, extension) ? FORMATS[extension] : undefined;
}

export const MAX_IMPORT_BYTES = 32 * 1024 * 1024;
export const MAX_IMPORT_ROWS = 100_000;

/** The file as a whole cannot be imported. Nothing of it was kept. */
export class ImportError extends Error {
  override name = 'ImportError';
}

/** Values by the name of their field in lower case. */
export type Fields = ReadonlyMap<string, unknown>;

/** A row, or why it is none. `line` counts from 1 (in a JSON array, its items), and `text` is how the row begins. */
export type Row = { readonly line: number; readonly text: string } & (
  { readonly fields: Fields } | { readonly malformed: string }
);

/** So much of a row is shown. */
const EXCERPT = 160;
const excerpt = (text: string): string => text.slice(0, EXCERPT).trim();
const fieldName = (name: string): string => name.trim().toLowerCase();

const tooManyRows = () =>
  new ImportError(
    `The file holds more than ${MAX_IMPORT_ROWS.toLocaleString('en')} rows, and nothing was imported. Import a part of it.`,
  );

/**
 * Reads JSON lines, a JSON array, or comma-, semicolon- or tab-separated values whose first row names the columns. Time is
 * linear.
 * @param format by default, what the text looks like
 * @throws ImportError when the text is too large or empty, or begins like a JSON array and is none
 */
export function readRows(text: string, format?: ImportFormat): Row[] {
  // A UTF-16 unit is at least one byte of UTF-8: a text that is far too long need not be measured.
  const bytes = text.length > MAX_IMPORT_BYTES ? text.length : new Blob([text]).size;
  if (bytes > MAX_IMPORT_BYTES) {
    const [size, most] = [bytes, MAX_IMPORT_BYTES].map((n) => Math.ceil(n / 2 ** 20));
    throw new ImportError(
      `The file holds ${size} MiB, more than the ${most} MiB that can be imported. Nothing was imported: split it.`,
    );
  }
  const plain = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const start = plain.trimStart()[0];
  if (start === undefined) throw new ImportError('The file is empty.');
  const isJson = format ? format === 'jsonl' : start === '{' || start === '[';
  const rows = !isJson ? readCsv(plain) : start === '[' ? readJsonArray(plain) : readJsonLines(plain);
  if (rows.length === 0)
    throw new ImportError(
      isJson ? 'The file is an empty list.' : 'The file names its columns but holds no rows.',
    );
  return rows;
}

function readJsonArray(text: string): Row[] {
  let items: unknown[];
  try {
    items = JSON.parse(text) as unknown[];
  } catch (error) {
    throw new ImportError(
      `The file begins like a JSON array but is none (${(error as Error).message.slice(0, 200)}), and nothing was imported. Mend it, or write one object a line.`,
      { cause: error },
    );
  }
  if (items.length > MAX_IMPORT_ROWS) throw tooManyRows();
  return items.map((item, i) => ({
    line: i + 1,
    text: excerpt(jsonOf(item)),
    ...fieldsOf(item),
  }));
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    // What is nested too deep can be read, but not written.
    return '';
  }
}

function readJsonLines(text: string): Row[] {
  const rows: Row[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    if (rows.length === MAX_IMPORT_ROWS) throw tooManyRows();
    rows.push({ line: i + 1, text: excerpt(line), ...parseJsonLine(line) });
  }
  return rows;
}

function parseJsonLine(line: string): { fields: Fields } | { malformed: string } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { malformed: 'it is not JSON' };
  }
  return fieldsOf(value);
}

function fieldsOf(value: unknown): { fields: Fields } | { malformed: string } {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { malformed: 'it is not a JSON object' };
  return { fields: new Map(Object.entries(value).map(([name, v]) => [fieldName(name), v as unknown])) };
}

/** The parser notes each stray quotation mark; more than this would fill the memory with notes. */
const MAX_QUOTES = 2_000_000;

/** The separator that the first row holds most often. */
function separatorOf(csv: string): string {
  const header = csv.trimStart().split('\n', 1)[0];
  const count = (separator: string) => header.split(separator).length;
  return [',', '\t', ';'].reduce((best, other) => (count(other) > count(best) ? other : best));
}

function readCsv(text: string): Row[] {
  let quotes = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) quotes++;
  if (quotes > MAX_QUOTES)
    throw new ImportError('The file holds too many quotation marks for CSV. Write it as JSON lines instead.');
  // The parser looks through the white space after every quotation mark: long runs would take quadratic time.
  const csv = text.replace(/[^\S\n]{100,}/g, ' ');

  const rows: Row[] = [];
  let header: string[] | undefined;
  let [line, cursor] = [1, 0];
  let tooMany = false;
  Papa.parse<string[]>(csv, {
    newline: '\n',
    delimiter: separatorOf(csv),
    step: ({ data, errors, meta }, parser) => {
      const [rowLine, rowStart] = [line, cursor];
      for (; cursor < meta.cursor; cursor++) if (csv[cursor] === '\n') line++;
      if (data.every((cell) => cell.trim() === '')) return;
      if (!header) {
        header = data.map(fieldName);
        return;
      }
      if (rows.length === MAX_IMPORT_ROWS) {
        tooMany = true;
        parser.abort();
        return;
      }
      const row = { line: rowLine, text: excerpt(csv.slice(rowStart, Math.min(cursor, rowStart + EXCERPT))) };
      if (errors.some((e) => e.type === 'Quotes'))
        rows.push({ ...row, malformed: 'a quotation mark is not closed, or stands inside an unquoted cell' });
      else if (data.length !== header.length)
        rows.push({ ...row, malformed: `it has ${data.length} cells, the first row ${header.length}` });
      else rows.push({ ...row, fields: new Map(header.map((name, i) => [name, data[i]])) });
    },
  });
  if (tooMany) throw tooManyRows();
  return rows;
}
