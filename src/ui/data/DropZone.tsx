import { useRef } from 'react';
import { useDrop } from '../useDrop';

interface Props {
  busy: boolean;
  /** One, unless several may be chosen. */
  onFiles: (files: readonly File[]) => void;
  multiple?: boolean;
  /** What the file holds. */
  what: string;
  /** Endings, as an input of files takes them. */
  accept: string;
  /** How it has to look. */
  hint: string;
}

/** Where a file is dropped or chosen. */
export function DropZone({ busy, onFiles, multiple = false, what, accept, hint }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const drop = useDrop(({ files }) => {
    if (files.length > 0 && !busy) onFiles([...files].slice(0, multiple ? undefined : 1));
  });
  return (
    <div className="drop-zone" {...drop}>
      <p>
        Drop {multiple ? 'files' : 'a file'} of {what} here, or{' '}
        <button type="button" disabled={busy} onClick={() => input.current?.click()}>
          Choose {multiple ? 'files' : 'a file'}
        </button>
      </p>
      <p className="muted">{hint}</p>
      <input
        ref={input}
        type="file"
        accept={accept}
        multiple={multiple}
        aria-label={`${multiple ? 'Files' : 'File'} of ${what}`}
        hidden
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          // The same file can be chosen again after it was mended.
          event.target.value = '';
          if (files.length > 0) onFiles(files);
        }}
      />
    </div>
  );
}
