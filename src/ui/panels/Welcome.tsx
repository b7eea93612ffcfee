import { PRESETS } from '../../lab/presets';
import { useStart } from '../forms/useStart';
import { useForm } from '../forms/store';

/** Before the first run: what will happen. */
export function Welcome({ onStart, onSettings }: { onStart: () => void; onSettings: () => void }) {
  const preset = useForm((form) => form.preset);
  const { start, blocked, starting } = useStart(onStart);
  return (
    <section className="card prose welcome" aria-labelledby="welcome">
      <h2 id="welcome">Watch a model learn to check its own work</h2>
      <p>
        A language model of 136,000 parameters answers number puzzles over and over, and right answers alone
        are rewarded. Within thirty updates it makes a habit of writing “check” and “wait”, its responses grow
        longer and its accuracy on puzzles it has never seen jumps. All of it is computed on this computer –
        without a graphics card a step takes some seconds – and a closed tab costs only the steps since the
        last checkpoint.
      </p>
      <div className="actions">
        <button className="primary large" onClick={start} disabled={blocked !== null}>
          {starting ? 'Starting …' : `Run “${PRESETS[preset].title}”`}
        </button>
        <button className="narrow-only" onClick={onSettings}>
          Settings
        </button>
      </div>
      {blocked && <p className="muted">{blocked}</p>}
    </section>
  );
}
