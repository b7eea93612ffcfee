import { useRef } from 'react';
import { useDrop } from '../useDrop';

const ACCEPTED = '.jsonl,.ndjson,.json,.csv,.tsv';

/** Where a file is dropped or chosen. */
export function DropZone({ busy, onFile }: { busy: boolean; onFile: (file: File) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const drop = useDrop(({ files }) => {
    const file = files.item(0);
    if (file && !busy) onFile(file);
  });
  return (
    <div className="drop-zone" {...drop}>
      <p>
        Drop a file of questions and answers here, or{' '}
        <button type="button" disabled={busy} onClick={() => input.current?.click()}>
          Choose a file
        </button>
      </p>
      <p className="muted">
        JSON lines, a JSON array or CSV, at most 32 MiB. A question stands under question, problem, prompt or
        input; its answer under answer, gold, target or solution; its difficulty, if any, under level. The
        file stays on this computer.
      </p>
      <input
        ref={input}
        type="file"
        accept={ACCEPTED}
        aria-label="File of questions and answers"
        hidden
        onChange={(event) => {
          const file = event.target.files?.item(0);
          // The same file can be chosen again after it was mended.
          event.target.value = '';
          if (file) onFile(file);
        }}
      />
    </div>
  );
}
