import { useEffect } from 'react';
import { useDemonstrations } from '../data/demonstrations';
import { useData } from '../data/store';
import { Field, type FieldProps } from './Field';

/** Which stored file the cold start learns from, and the way to store one. */
export function DemonstrationsField({ field, onChange, ...props }: FieldProps) {
  const files = useDemonstrations((demonstrations) => demonstrations.files);
  const { list } = useDemonstrations.getState();
  const { show } = useData.getState();
  useEffect(() => void list(), [list]);
  const options = [...new Set(['', ...(files?.map(({ name }) => name) ?? []), props.value])];
  const choose = (path: string, name: string) => {
    onChange(path, name);
    // The hash is of the one before.
    onChange('sft.sha256', '');
  };
  return (
    <div className="data-field">
      <Field {...props} field={{ ...field, type: 'choice', options }} onChange={choose} />
      <button type="button" className="link" onClick={() => show('demonstrations')}>
        Your own demonstrations …
      </button>
    </div>
  );
}
