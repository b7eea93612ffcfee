import { useRef } from 'react';
import { useDrop } from '../useDrop';

interface Props {
  busy: boolean;
  onFile: (file: File) => void;
  /** What the file holds. */
  what: string;
  /** Endings, as an input of files takes them. */
  accept: string;
  /** How it has to look. */
  hint: string;
}

/** Where a file is dropped or chosen. */
export function DropZone({ busy, onFile, what, accept, hint }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const drop = useDrop(({ files }) => {
    const file = files.item(0);
    if (file && !busy) onFile(file);
  });
  return (
    <div className="drop-zone" {...drop}>
      <p>
        Drop a file of {what} here, or{' '}
        <button type="button" disabled={busy} onClick={() => input.current?.click()}>
          Choose a file
        </button>
      </p>
      <p className="muted">{hint}</p>
      <input
        ref={input}
        type="file"
        accept={accept}
        aria-label={`File of ${what}`}
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
