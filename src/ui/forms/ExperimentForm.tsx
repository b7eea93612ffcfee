import { useMemo } from 'react';
import { PRESETS } from '../../lab/presets';
import { groupBy } from '../../groupBy';
import { ShareDialog } from '../share/ShareDialog';
import { changedPaths, presetDraft } from './draft';
import { FIELDS } from './fields';
import { ForkNote } from './ForkNote';
import { FormSection } from './FormSection';
import { MemoryNote } from './MemoryNote';
import { useForm } from './store';
import { useStart } from './useStart';

const SECTIONS = [...groupBy(FIELDS, (f) => f.group)];

/** The experiment as a form: a preset, and every field of the schema. */
export function ExperimentForm({ onStart }: { onStart: () => void }) {
  const { preset, draft, choosePreset, change } = useForm();
  const { start, blocked, experiment, errors, warnings, starting } = useStart(onStart);
  const original = useMemo(() => presetDraft(preset), [preset]);
  const changed = useMemo(() => new Set(changedPaths(draft, original)), [draft, original]);

  return (
    <form
      className="form"
      noValidate
      aria-label="Experiment"
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      <ForkNote />
      <div className="preset">
        <label htmlFor="preset">Preset</label>
        <select
          id="preset"
          value={preset}
          aria-describedby="preset-help"
          onChange={(event) => choosePreset(event.target.value)}
        >
          {Object.entries(PRESETS).map(([name, p]) => (
            <option key={name} value={name}>
              {p.title}
            </option>
          ))}
        </select>
        <p id="preset-help" className="muted">
          {PRESETS[preset].description}
        </p>
      </div>
      {SECTIONS.map(([title, fields]) => (
        <FormSection key={title} {...{ title, fields, draft, original, changed, errors, warnings, change }} />
      ))}
      <div className="form-foot">
        <button className="primary" type="submit" disabled={blocked !== null}>
          {starting ? 'Starting …' : 'Run'}
        </button>
        <button type="button" onClick={() => choosePreset(preset)} disabled={changed.size === 0}>
          Reset to preset
        </button>
        <ShareDialog experiment={experiment} />
        <MemoryNote experiment={experiment} />
        <p className="muted" role="status">
          {blocked ?? (changed.size > 0 ? `${changed.size} changed from the preset` : '')}
        </p>
      </div>
    </form>
  );
}
