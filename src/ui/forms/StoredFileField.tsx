import { useEffect } from 'react';
import { Field, type FieldProps } from './Field';

interface Props extends FieldProps {
  /** Of what is stored; undefined until it has been read. */
  names: readonly string[] | undefined;
  list: () => Promise<void>;
  /** The setting that pins the file by its SHA-256: it was of the one before. */
  pin: string;
  /** What opens the dialog where one is stored. */
  link: string;
  onOpen: () => void;
}

/** Which of the files that a person has stored a setting names, and the way to store one. */
export function StoredFileField({ names = [], list, pin, link, onOpen, field, onChange, ...props }: Props) {
  useEffect(() => void list(), [list]);
  const options = [...new Set(['', ...names, props.value])];
  const choose = (path: string, name: string) => {
    onChange(path, name);
    onChange(pin, '');
  };
  return (
    <div className="data-field">
      <Field {...props} field={{ ...field, type: 'choice', options }} onChange={choose} />
      <button type="button" className="link" onClick={onOpen}>
        {link}
      </button>
    </div>
  );
}
