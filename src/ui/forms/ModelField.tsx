import { useEffect } from 'react';
import { SHIPPED_MODELS } from '../../lab/models/named';
import { isComplete } from '../../store/models';
import { useModels } from '../models/store';
import { Field, type FieldProps } from './Field';

/** Which model the experiment begins with, and the way to bring another. */
export function ModelField({ field, ...props }: FieldProps) {
  const { models, list, show } = useModels();
  useEffect(() => void list(), [list]);
  const names = models?.filter(isComplete).map(({ name }) => name) ?? [];
  const options = [...new Set([...SHIPPED_MODELS, ...names, props.value])];
  return (
    <div className="data-field">
      <Field {...props} field={{ ...field, type: 'choice', options }} />
      <button type="button" className="link" onClick={show}>
        Bring a model …
      </button>
    </div>
  );
}
