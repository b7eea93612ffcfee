import { useForm } from '../forms/store';
import { StoredList } from './StoredList';
import { isInForm, putInForm, useData } from './store';

/** The data sets kept in this browser. */
export function StoredDatasets() {
  const datasets = useData((data) => data.datasets);
  const { rename, remove } = useData.getState();
  // Read again whenever the form changes.
  useForm((form) => form.draft);
  return (
    <StoredList
      records={datasets}
      empty="No data set yet."
      facts={({ counts, levels }) =>
        `${counts.kept.toLocaleString('en')} of ${counts.rows.toLocaleString('en')} rows` +
        (levels.length > 0 ? `, levels ${levels[0]} to ${levels[levels.length - 1]}` : '')
      }
      isUsed={isInForm}
      use={putInForm}
      rename={rename}
      remove={remove}
      deletion="Runs keep their results, but cannot be continued without it."
    />
  );
}
