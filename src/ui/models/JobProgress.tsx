import { formatBytes } from '../format';
import { useModels } from './store';

/** How far the model under way is: the file it is at, and all of them. */
export function JobProgress() {
  const { job, stop } = useModels();
  if (!job) return null;
  const { title, progress } = job;
  return (
    <section aria-label="Under way" className="model-job">
      <div className="dialog-actions">
        <strong className="grow">{title} …</strong>
        <button type="button" onClick={() => void stop()}>
          Stop
        </button>
      </div>
      {progress && (
        <>
          <Bar label={progress.file} value={progress.fileBytes} max={progress.fileSize} />
          <Bar label="All files" value={progress.bytes} max={progress.size} />
        </>
      )}
    </section>
  );
}

function Bar({ label, value, max }: { label: string; value: number; max: number }) {
  return (
    <label className="model-bar">
      <span>{label}</span>
      <progress value={value} max={Math.max(1, max)} aria-label={label} />
      <span className="muted">
        {formatBytes(value)} of {formatBytes(max)}
      </span>
    </label>
  );
}
