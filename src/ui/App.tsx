import { useState } from 'react';
import { CompareView } from './compare/CompareView';
import { ExperimentForm } from './forms/ExperimentForm';
import { Header } from './panels/Header';
import { NoEngine } from './panels/NoEngine';
import { Notice } from './panels/Notice';
import { RunList } from './panels/RunList';
import { RunView } from './panels/RunView';
import { Welcome } from './panels/Welcome';
import { SharedView } from './share/SharedView';
import { useLab } from './state/context';

type Side = 'experiment' | 'runs';

/** The whole page. On narrow screens either the side or the main part is in front. */
export function App() {
  const [side, setSide] = useState<Side>('experiment');
  const [front, setFront] = useState<'main' | 'side'>('main');
  const engine = useLab((lab) => lab.engine);
  const runId = useLab((lab) => lab.open?.id);
  const comparing = useLab((lab) => lab.comparing);
  const shared = useLab((lab) => lab.shared);
  const stored = useLab((lab) => lab.runs.length);
  const show = (next: Side) => {
    setSide(next);
    setFront('side');
  };
  const toMain = () => setFront('main');
  const empty =
    engine.state === 'unavailable' ? (
      <NoEngine engine={engine} />
    ) : (
      <Welcome onStart={toMain} onSettings={() => show('experiment')} />
    );

  return (
    <div className="app" data-front={front}>
      <Header onView={toMain} />
      <div className="body">
        <aside className="side" aria-label="Experiment and runs">
          <nav className="switch" aria-label="Panels">
            <button className="narrow-only" aria-pressed={front === 'main'} onClick={toMain}>
              {comparing ? 'Compare' : runId ? 'Run' : 'Start'}
            </button>
            <button
              aria-pressed={side === 'experiment'}
              data-back={front === 'main'}
              onClick={() => show('experiment')}
            >
              Experiment
            </button>
            <button aria-pressed={side === 'runs'} data-back={front === 'main'} onClick={() => show('runs')}>
              Runs{stored > 0 && <span className="count">{stored}</span>}
            </button>
          </nav>
          <div className="side-body">
            {side === 'experiment' ? (
              <ExperimentForm onStart={toMain} />
            ) : (
              <RunList onOpen={toMain} onSettings={() => show('experiment')} />
            )}
          </div>
        </aside>
        <main>
          <Notice />
          {(runId || comparing) && engine.state === 'unavailable' && (
            <details className="reading">
              <summary>
                No GPU engine here: {comparing ? 'stored runs' : 'this run'} can be read, not continued. What
                to do
              </summary>
              <NoEngine engine={engine} />
            </details>
          )}
          {shared ? (
            <SharedView link={shared} onSettings={() => show('experiment')} />
          ) : comparing ? (
            <CompareView view={comparing} />
          ) : runId ? (
            <RunView key={runId} />
          ) : (
            empty
          )}
        </main>
      </div>
    </div>
  );
}
