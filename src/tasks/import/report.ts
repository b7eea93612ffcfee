import Papa from 'papaparse';
import type { DroppedRow } from './curate';

/** The dropped rows as CSV, for a spreadsheet: no cell of a foreign text is taken for a formula. */
export const droppedRowsCsv = (dropped: readonly DroppedRow[]): string =>
  Papa.unparse(
    {
      fields: ['line', 'reason', 'detail', 'text'],
      data: dropped.map(({ line, reason, detail, text }) => [line, reason, detail, text]),
    },
    { escapeFormulae: true },
  );
