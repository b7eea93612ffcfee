import { Collapsible } from 'radix-ui';
import { useMemo, useState } from 'react';
import { PRESETS } from '../../lab/presets';
import { groupBy } from '../groupBy';
import { changedPaths, presetDraft } from './draft';
import { Field } from './Field';
import { FIELDS, type FieldSpec } from './fields';
import { useForm } from './store';
import { useStart } from './useStart';

const byGroup = (fields: readonly FieldSpec[]) => [...groupBy(fields, (f) => f.group)];
const MAIN = byGroup(FIELDS.filter((f) => !f.advanced));
const MORE = byGroup(FIELDS.filter((f) => f.advanced));
const ADVANCED = new Set(FIELDS.filter((f) => f.advanced).map((f) => f.path));

/** The experiment as a form: a preset, and every field of the schema. */
export function ExperimentForm({ onStart }: { onStart: () => void }) {
  const { preset, draft, choosePreset, change } = useForm();
  const { start, blocked, errors, starting } = useStart(onStart);
  const [more, setMore] = useState(false);
  const original = useMemo(() => presetDraft(preset), [preset]);
  const changed = useMemo(() => new Set(changedPaths(draft, original)), [draft, original]);
  const changedInside = [...changed].filter((path) => ADVANCED.has(path)).length;
  const wrongInside = Object.keys(errors).some((path) => ADVANCED.has(path));

  const groups = (list: [string, FieldSpec[]][]) =>
    list.map(([group, fields]) => (
      <fieldset key={group} className="group">
        <legend>{group}</legend>
        {fields.map((f) => (
          <Field
            key={f.path}
            field={f}
            value={draft[f.path]}
            preset={changed.has(f.path) ? original[f.path] : undefined}
            error={errors[f.path]}
            onChange={change}
          />
        ))}
      </fieldset>
    ));

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
      {groups(MAIN)}
      <Collapsible.Root open={more || wrongInside} onOpenChange={setMore}>
        <Collapsible.Trigger className="disclosure" type="button">
          More settings
          {changedInside > 0 && <span className="count">{changedInside} changed</span>}
        </Collapsible.Trigger>
        <Collapsible.Content>{groups(MORE)}</Collapsible.Content>
      </Collapsible.Root>
      <div className="form-foot">
        <button className="primary" type="submit" disabled={blocked !== null}>
          {starting ? 'Starting …' : 'Run'}
        </button>
        <button type="button" onClick={() => choosePreset(preset)} disabled={changed.size === 0}>
          Reset to preset
        </button>
        <p className="muted" role="status">
          {blocked ?? (changed.size > 0 ? `${changed.size} changed from the preset` : '')}
        </p>
      </div>
    </form>
  );
}
