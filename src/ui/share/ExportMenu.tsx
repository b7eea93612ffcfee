import { DropdownMenu } from 'radix-ui';
import { useState } from 'react';
import { FRAMEWORK_TITLES, FRAMEWORKS } from '../../share/export/frameworks';
import type { RunRecord } from '../../store/types';
import { useLab } from '../state/context';
import { messageOf } from '../state/lab';
import { handOut } from './exporter';

/** Hands a run out: as a file, as a page to read, or as a study to be gone on with in another framework. */
export function ExportMenu({ run: { id } }: { run: RunRecord }) {
  const [busy, setBusy] = useState(false);
  const notify = useLab((lab) => lab.notify);
  const hand = async (body: Parameters<typeof handOut>[0]) => {
    setBusy(true);
    try {
      const note = await handOut(body);
      if (note !== undefined) notify(note);
    } catch (error) {
      notify(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger disabled={busy}>{busy ? 'Exporting …' : 'Export'}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" collisionPadding={8}>
          <DropdownMenu.Item onSelect={() => void hand((api) => api.runFile(id))}>
            Run file (zip)
          </DropdownMenu.Item>
          <DropdownMenu.Item onSelect={() => void hand((api) => api.report(id))}>
            Report (HTML)
          </DropdownMenu.Item>
          <DropdownMenu.Separator className="menu-line" />
          {FRAMEWORKS.map((framework) => (
            <DropdownMenu.Item key={framework} onSelect={() => void hand((api) => api.zip(id, framework))}>
              Go on in {FRAMEWORK_TITLES[framework]} (zip)
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
