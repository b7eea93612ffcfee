import { useMemo, useState } from 'react';
import { settingsThatDiffer } from '../../lab/comparisons/arms';
import { PRESETS } from '../../lab/presets';
import { totalSteps } from '../../lab/schedule';
import { checkExperiment, parseExperiment, type Experiment } from '../../lab/schema';
import type { Shared } from '../../share/link';
import { MetricChart } from '../charts/MetricChart';
import { lastValue } from '../charts/rows';
import { MAIN_CHARTS } from '../charts/specs';
import { FIELDS } from '../forms/fields';
import { useForm } from '../forms/store';
import { useLab } from '../state/context';
import { whyNot } from '../state/engine';
import { curvesOf, type OpenedLink } from '../state/shared';
import { useStorage } from '../storage/store';

const NO_MARKERS: never[] = [];

/** What a link holds, before anything is run. */
export function SharedView({ link, onSettings }: { link: OpenedLink; onSettings: () => void }) {
  switch (link.state) {
    case 'reading':
      return <p className="muted pad">Reading the link …</p>;
    case 'refused':
      return (
        <section className="card prose" aria-labelledby="refused">
          <h2 id="refused">This link cannot be opened</h2>
          <p className="error">{link.why}</p>
          <a href="#">To the start page</a>
        </section>
      );
    case 'open':
      return <SharedExperiment content={link.content} link={link} onSettings={onSettings} />;
  }
}

interface OpenProps {
  content: Shared;
  link: OpenedLink;
  onSettings: () => void;
}

function SharedExperiment({ content: { experiment }, link, onSettings }: OpenProps) {
  const [accepted, setAccepted] = useState(false);
  const busy = useLab((lab) => lab.busy);
  const occupied = useLab(whyNot);
  const start = useLab((lab) => lab.start);
  const load = useForm((form) => form.load);
  const code = experiment.reward.custom !== 0 ? experiment.reward.custom_code : '';
  const blocked = occupied ?? (code && !accepted ? 'Read the function and accept it first.' : null);
  const { warnings } = useMemo(() => checkExperiment(experiment), [experiment]);
  return (
    <section className="shared" aria-labelledby="shared">
      <h2 id="shared">Shared with you: {experiment.name}</h2>
      <p>
        This experiment came with the link. Nothing is computed or stored before you press Run; it then trains
        on your own device.
      </p>
      <Settings experiment={experiment} />
      {warnings.map(({ path, message }) => (
        <p key={path} className="warning">
          {message}
        </p>
      ))}
      {code && (
        <>
          <h3>A reward function of the sender’s</h3>
          <p>
            It runs in a sandbox without access to this page or the network, but it decides what the model
            learns.
          </p>
          <pre className="code" tabIndex={0} aria-label="Reward function">
            {code}
          </pre>
          <label className="check">
            <input
              type="checkbox"
              checked={accepted}
              onChange={(event) => setAccepted(event.target.checked)}
            />{' '}
            I have read it and want to run it
          </label>
        </>
      )}
      <div className="actions">
        <button
          className="primary"
          disabled={blocked !== null || busy !== null}
          onClick={() => void start(experiment, useStorage.getState().keepEvery)}
        >
          {busy === 'start' ? 'Starting …' : 'Run'}
        </button>
        <button
          onClick={() => {
            load(experiment);
            onSettings();
          }}
        >
          Change settings first
        </button>
        <span className="muted">{blocked}</span>
      </div>
      <Curves link={link} lastStep={totalSteps(experiment)} />
    </section>
  );
}

function Settings({ experiment }: { experiment: Experiment }) {
  const settings = useMemo(
    () => settingsThatDiffer([parseExperiment(PRESETS.aha.experiment), experiment]),
    [experiment],
  );
  if (settings.length === 0) return <p>Its settings are those of the preset “{PRESETS.aha.title}”.</p>;
  return (
    <div className="wide-table" role="region" aria-label="Settings" tabIndex={0}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Setting</th>
            <th scope="col">Preset “aha”</th>
            <th scope="col">Here</th>
          </tr>
        </thead>
        <tbody>
          {settings.map(({ path, values: [preset, here] }) => (
            <tr key={path}>
              <th scope="row" title={path}>
                {FIELDS.find((field) => field.path === path)?.label ?? path}
              </th>
              <td>{shorten(preset)}</td>
              <td>
                <strong>{shorten(here)}</strong>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const shorten = (text: string) => (text.length > 60 ? `${text.slice(0, 60)} …` : text || '–');

function Curves({ link, lastStep }: { link: OpenedLink; lastStep: number }) {
  const metrics = useMemo(() => curvesOf(link), [link]);
  if (!metrics) return null;
  const charts = MAIN_CHARTS.filter(({ series }) =>
    series.some((s) => lastValue(metrics, s.metric) !== undefined),
  );
  return (
    <section className="charts" aria-labelledby="shared-curves">
      <h3 id="shared-curves">The sender’s curves</h3>
      <p className="muted">They stay behind yours, as thin lines, when you run it.</p>
      <div className="grid main">
        {charts.map((spec) => (
          <MetricChart key={spec.title} {...{ spec, metrics, lastStep }} markers={NO_MARKERS} height={180} />
        ))}
      </div>
    </section>
  );
}
