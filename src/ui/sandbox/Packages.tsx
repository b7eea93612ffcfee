import { Collapsible } from 'radix-ui';
import { useEffect } from 'react';
import { needsOf } from '../../lab/sandbox';
import { DropZone } from '../data/DropZone';
import { StoredList } from '../data/StoredList';
import { useForm } from '../forms/store';
import { isInForm, putInForm, usePackages } from './packages';

const megabytes = (bytes: number) =>
  (bytes / 1e6).toLocaleString('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** Wheels that Python may import: added from files, listed with what they lack, removed. */
export function Packages() {
  const { packages, unfolded, busy, error } = usePackages();
  const { list, add, rename, remove, unfold } = usePackages.getState();
  // Read again whenever the form changes.
  useForm((form) => form.draft);
  useEffect(() => void list(), [list]);
  return (
    <Collapsible.Root open={unfolded} onOpenChange={unfold} className="packages">
      <Collapsible.Trigger className="disclosure" type="button">
        Packages
        {packages !== null && packages.length > 0 && <span className="count">{packages.length} added</span>}
      </Collapsible.Trigger>
      <Collapsible.Content>
        <DropZone
          busy={busy}
          multiple
          onFiles={(files) => void add(files)}
          what="packages"
          accept=".whl"
          hint="Wheels of pure Python, whose names end in py3-none-any.whl, with those that they need: pip download --dest wheels sympy fetches both. They stay on this computer, and are imported when Python starts, which takes seconds longer; each call then finds them as they were."
        />
        <div role="alert">{error && <p className="error lines">{error}</p>}</div>
        {busy && <p role="status">Reading …</p>}
        <StoredList
          records={packages}
          empty="No packages yet."
          facts={(record) => `${record.package} ${record.version}, ${megabytes(record.size)} MB`}
          warning={(record) => {
            const needs = needsOf(record, packages ?? []);
            return needs.length > 0 && <p className="warning">{needs.join(' ')}</p>;
          }}
          isUsed={isInForm}
          use={putInForm}
          rename={rename}
          remove={remove}
          deletion="Runs that import it cannot be continued without it."
        />
      </Collapsible.Content>
    </Collapsible.Root>
  );
}
