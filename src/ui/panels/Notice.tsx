import { useLab } from '../state/context';

/** What went wrong with the last command, or what the engine wants known. */
export function Notice() {
  const notice = useLab((lab) => lab.notice);
  const notify = useLab((lab) => lab.notify);
  return (
    <div role="alert">
      {notice && (
        <div className="notice">
          <p>{notice}</p>
          <button onClick={() => notify(null)}>Dismiss</button>
        </div>
      )}
    </div>
  );
}
