import { useId } from 'react';

interface Props {
  label: string;
  help: string;
  value: number;
  onChange: (value: number) => void;
}

/** A whole number, 0 or more. */
export function NumberSetting({ label, help, value, onChange }: Props) {
  const id = useId();
  return (
    <div className="number-setting">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="number"
        min={0}
        step={1}
        value={value}
        aria-describedby={`${id}-help`}
        onChange={(event) => onChange(Math.max(0, Math.floor(event.target.valueAsNumber) || 0))}
      />
      <p id={`${id}-help`} className="muted">
        {help}
      </p>
    </div>
  );
}
