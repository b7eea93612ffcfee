import { useCallback, useState } from 'react';
import { DROP_REASONS, type DroppedRow, type DropReason, type ImportCounts } from '../../tasks/import';
import { downloadBlob } from '../download';
import { ask } from './importer';
import { Pager } from './Pager';
import { usePage } from './usePage';

const SIZE = 50;

/** The rows that cannot be asked, and why; all or those of one reason. */
export function DroppedRows({ fileName, counts }: { fileName: string; counts: ImportCounts }) {
  const [reason, setReason] = useState<DropReason | null>(null);
  const found = DROP_REASONS.filter((r) => counts.dropped[r] > 0);
  const all = counts.rows - counts.kept;
  const save = async () =>
    downloadBlob(`${fileName.replace(/\.[^.]*$/, '')}-dropped.csv`, await ask((api) => api.report()));
  return (
    <>
      <div className="toolbar">
        <label>
          Reason{' '}
          <select
            value={reason ?? ''}
            onChange={(event) => setReason(found.find((r) => r === event.target.value) ?? null)}
          >
            <option value="">all ({all.toLocaleString('en')})</option>
            {found.map((r) => (
              <option key={r} value={r}>
                {r} ({counts.dropped[r].toLocaleString('en')})
              </option>
            ))}
          </select>
        </label>
        <button type="button" onClick={() => void save()}>
          Download all as CSV
        </button>
      </div>
      <Rows key={reason} reason={reason} total={reason === null ? all : counts.dropped[reason]} />
    </>
  );
}

function Rows({ reason, total }: { reason: DropReason | null; total: number }) {
  const read = useCallback(
    (from: number, count: number) => ask((api) => api.dropped(reason, from, count)),
    [reason],
  );
  const { rows, from, go } = usePage<DroppedRow>(read, SIZE);
  return (
    <>
      <div className="scroll" tabIndex={0} role="region" aria-label="Dropped rows">
        <table className="table imported">
          <thead>
            <tr>
              <th className="num">Line</th>
              <th>Reason</th>
              <th>Text</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ line, reason: why, detail, text }) => (
              <tr key={line}>
                <td className="num">{line}</td>
                <td>
                  {why}
                  <span className="muted">{detail}</span>
                </td>
                <td>
                  <code>{text}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Pager {...{ from, go, total }} size={SIZE} of="dropped rows" />
    </>
  );
}
