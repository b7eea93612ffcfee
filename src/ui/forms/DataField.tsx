import { useData } from '../data/store';
import type { FieldProps } from './Field';
import { StoredFileField } from './StoredFileField';

/** Which stored data set is asked, and the way to store one. */
export function DataField(props: FieldProps) {
  const names = useData(({ datasets }) => datasets)?.map(({ name }) => name);
  const { list, show } = useData.getState();
  const open = () => show('questions');
  return (
    <StoredFileField
      {...props}
      {...{ names, list }}
      pin="data.sha256"
      link="Your own questions …"
      onOpen={open}
    />
  );
}
