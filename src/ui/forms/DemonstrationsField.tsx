import { useDemonstrations } from '../data/demonstrations';
import { useData } from '../data/store';
import type { FieldProps } from './Field';
import { StoredFileField } from './StoredFileField';

/** Which stored file the cold start learns from, and the way to store one. */
export function DemonstrationsField(props: FieldProps) {
  const names = useDemonstrations(({ files }) => files)?.map(({ name }) => name);
  const { list } = useDemonstrations.getState();
  const open = () => useData.getState().show('demonstrations');
  return (
    <StoredFileField
      {...props}
      {...{ names, list }}
      pin="sft.sha256"
      link="Your own demonstrations …"
      onOpen={open}
    />
  );
}
