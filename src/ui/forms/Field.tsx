import { Popover } from 'radix-ui';
import { useId } from 'react';
import { rangeText, type FieldSpec } from './fields';

export interface FieldProps {
  field: FieldSpec;
  value: string;
  /** The preset's value, given when this one differs from it. */
  preset?: string;
  error?: string;
  warning?: string;
  onChange: (path: string, value: string) => void;
}

const shown = (value: string | number | boolean) =>
  typeof value === 'boolean' ? (value ? 'yes' : 'no') : value;

/** One setting: label, input with unit, help on demand, its error, and the way back to the preset. */
export function Field({ field, value, preset, error, warning, onChange }: FieldProps) {
  const { path, label, unit } = field;
  const id = useId();
  const input = {
    id,
    value,
    'aria-describedby': `${id}-help ${id}-note`,
    'aria-invalid': error !== undefined,
    onChange: (event: { target: { value: string } }) => onChange(path, event.target.value),
  };
  return (
    <div
      className={`field ${field.multiline ? 'wide' : field.type === 'flag' ? 'toggle' : field.type}`}
      data-changed={preset !== undefined}
    >
      <div className="field-label">
        <label htmlFor={id}>{label}</label>
        <Popover.Root>
          <Popover.Trigger className="info" type="button" aria-label={`About ${label}`}>
            ?
          </Popover.Trigger>
          <Popover.Portal>
            <Popover.Content className="popover" sideOffset={4} collisionPadding={12}>
              <p>{field.help}</p>
              <p className="muted">
                Accepts a {rangeText(field)}. {field.default !== '' && <>Default: {shown(field.default)}.</>}
              </p>
            </Popover.Content>
          </Popover.Portal>
        </Popover.Root>
      </div>
      <div className="field-input">
        {field.type === 'choice' && (
          <select {...input}>
            {field.options.map((option) => (
              <option key={option}>{option}</option>
            ))}
          </select>
        )}
        {field.type === 'text' && !field.multiline && <input {...input} type="text" spellCheck={false} />}
        {field.multiline && (
          <textarea {...input} className={field.multiline} rows={4} spellCheck={field.multiline === 'text'} />
        )}
        {field.type === 'flag' && (
          <input
            {...input}
            type="checkbox"
            checked={value === 'true'}
            onChange={(event) => onChange(path, String(event.target.checked))}
          />
        )}
        {(field.type === 'integer' || field.type === 'number') && (
          <input {...input} type="number" step={field.step ?? 'any'} />
        )}
        {unit && <span className="unit">{unit}</span>}
      </div>
      <span id={`${id}-help`} className="sr-only">
        {field.help} {unit && `In ${unit}.`}
      </span>
      <div id={`${id}-note`} className="field-note">
        {error && <span className="error">{error}</span>}
        {warning && <span className="warning">{warning}</span>}
        {preset !== undefined && (
          <button type="button" className="link" onClick={() => onChange(path, preset)}>
            preset: {field.type === 'flag' ? shown(preset === 'true') : preset || 'empty'}
          </button>
        )}
      </div>
    </div>
  );
}
