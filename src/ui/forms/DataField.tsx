import { useEffect } from 'react';
import { useData } from '../data/store';
import { Field, type FieldProps } from './Field';

/** Which stored data set is asked, and the way to store one. */
export function DataField({ field, onChange, ...props }: FieldProps) {
  const datasets = useData((data) => data.datasets);
  const { list, show } = useData.getState();
  useEffect(() => void list(), [list]);
  const names = datasets?.map(({ name }) => name) ?? [];
  const options = [...new Set(['', ...names, props.value])];
  const choose = (path: string, name: string) => {
    onChange(path, name);
    // The hash is of the one before.
    onChange('data.sha256', '');
  };
  return (
    <div className="data-field">
      <Field {...props} field={{ ...field, type: 'choice', options }} onChange={choose} />
      <button type="button" className="link" onClick={() => show('questions')}>
        Your own questions …
      </button>
    </div>
  );
}
