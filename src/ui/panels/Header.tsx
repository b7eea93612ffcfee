import type { AdapterReport } from '../../lab/protocol';
import { DataDialog } from '../data/DataDialog';
import { SandboxDialog } from '../sandbox/SandboxDialog';
import { ModelsDialog } from '../models/ModelsDialog';
import { useLab } from '../state/context';
import type { Comparing } from '../state/reduce';
import { DeviceCheck } from './DeviceCheck';

/** A driver that computes on the processor: everything works, several times slower. */
const isSoftware = (a: AdapterReport) =>
  /swiftshader|llvmpipe|lavapipe|software|basic render/i.test(
    `${a.vendor} ${a.architecture} ${a.description}`,
  );

const nameOf = (a: AdapterReport) =>
  [a.vendor, a.architecture].filter(Boolean).join(' ') || a.description || 'unnamed adapter';

/** @param onView the main part comes to the front */
export function Header({ onView }: { onView: () => void }) {
  return (
    <header className="header">
      <div>
        <h1>
          <a href="#">Reasoning RL Lab</a>
        </h1>
        <p>Train a small reasoning model by reinforcement learning, in this tab.</p>
      </div>
      <Views onView={onView} />
      <AdapterBadge />
      <DataDialog />
      <ModelsDialog />
      <SandboxDialog />
      <DeviceCheck />
    </header>
  );
}

/** A single run, or several side by side. */
function Views({ onView }: { onView: () => void }) {
  const comparing = useLab((lab) => lab.comparing !== null);
  const compare = useLab((lab) => lab.compare);
  const show = (view: Comparing | null) => {
    onView();
    void compare(view);
  };
  return (
    <nav className="views" aria-label="Views">
      <button aria-pressed={!comparing} onClick={() => show(null)}>
        Single run
      </button>
      <button aria-pressed={comparing} onClick={() => show({ kind: 'setup' })}>
        Compare
      </button>
    </nav>
  );
}

function AdapterBadge() {
  const engine = useLab((lab) => lab.engine);
  if (engine.state === 'starting') return <span className="badge">Looking for a GPU …</span>;
  if (engine.state === 'unavailable') return <span className="badge bad">No GPU engine</span>;
  const software = isSoftware(engine.adapter);
  return (
    <span className={software ? 'badge warn' : 'badge ok'} title={engine.adapter.description || undefined}>
      {nameOf(engine.adapter)}
      {software && <span className="badge-note">software, slower</span>}
    </span>
  );
}
