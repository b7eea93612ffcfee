import { useForm } from './store';

/** Says that the next run begins with another run's checkpoint. */
export function ForkNote() {
  const fork = useForm((form) => form.fork);
  const noFork = useForm((form) => form.noFork);
  if (!fork) return null;
  return (
    <div className="notice" role="status">
      <p>
        A fork of “{fork.name}” at step {fork.step}: change what should differ from there on, then press Run.
        Base model and cold start stay as they are.
      </p>
      <button type="button" onClick={noFork}>
        From the base model instead
      </button>
    </div>
  );
}
