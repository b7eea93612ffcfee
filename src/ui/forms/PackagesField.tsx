import { usePackages } from '../sandbox/packages';
import { Field, type FieldProps } from './Field';

/** Which packages the calls may import, and the way to add some. */
export function PackagesField({ onChange, ...props }: FieldProps) {
  const { show } = usePackages.getState();
  const choose = (path: string, names: string) => {
    onChange(path, names);
    // The hashes are of those before.
    onChange('tools.packages_sha256', '');
  };
  return (
    <div className="data-field">
      <Field {...props} onChange={choose} />
      <button type="button" className="link" onClick={show}>
        Your own packages …
      </button>
    </div>
  );
}
