import { DropdownMenu } from 'radix-ui';
import { useState } from 'react';
import { FRAMEWORK_TITLES, FRAMEWORKS, type Framework } from '../../share/export/frameworks';
import type { ExportApi } from '../../share/export/protocol';
import type { RunRecord } from '../../store/types';
import { downloadBlob } from '../download';
import { beside } from '../state/beside';
import { useLab } from '../state/context';
import { messageOf } from '../state/lab';

const exporter = beside<ExportApi>(
  () =>
    new Worker(new URL('../../share/export/worker.ts', import.meta.url), {
      type: 'module',
      name: document.baseURI,
    }),
  'The export could not be loaded or has stopped working. The run is kept. Try again; if it fails again, reload the page.',
);

/** Hands the study of a run out as a zip, to be gone on with in another framework. */
export function ExportMenu({ run }: { run: RunRecord }) {
  const [busy, setBusy] = useState(false);
  const notify = useLab((lab) => lab.notify);
  const hand = async (framework: Framework) => {
    setBusy(true);
    try {
      const zip = await exporter.ask((api) => api.zip(run.id, framework));
      downloadBlob(`${framework}.zip`, zip);
    } catch (error) {
      notify(messageOf(error));
    } finally {
      exporter.stop();
      setBusy(false);
    }
  };
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger disabled={busy}>{busy ? 'Exporting …' : 'Export'}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" collisionPadding={8}>
          {FRAMEWORKS.map((framework) => (
            <DropdownMenu.Item key={framework} onSelect={() => void hand(framework)}>
              Go on in {FRAMEWORK_TITLES[framework]} (zip)
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
