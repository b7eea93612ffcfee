import { DropdownMenu } from 'radix-ui';
import { memo } from 'react';
import { download, downloadBlob } from '../download';
import { useLab } from '../state/context';
import { messageOf } from '../state/lab';
import { pngOf } from './png';

export interface ChartFiles {
  title: string;
  /** The chart as it is now: SVG, and its values as CSV. */
  svg: () => string;
  csv: () => string;
}

/** Takes a chart away. @param files the same object as long as the chart is of the same metrics */
export const ChartMenu = memo(function ChartMenu({ files }: { files: ChartFiles }) {
  const notify = useLab((lab) => lab.notify);
  const name = files.title.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const png = () =>
    pngOf(files.svg()).then(
      (blob) => downloadBlob(`${name}.png`, blob),
      (error: unknown) => notify(messageOf(error)),
    );
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="chart-menu" aria-label={`Save the chart ${files.title}`}>
        ⋯
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" collisionPadding={8}>
          <DropdownMenu.Item onSelect={() => void png()}>Picture (PNG)</DropdownMenu.Item>
          <DropdownMenu.Item onSelect={() => download(`${name}.svg`, 'image/svg+xml', files.svg())}>
            Picture (SVG)
          </DropdownMenu.Item>
          <DropdownMenu.Item onSelect={() => download(`${name}.csv`, 'text/csv', files.csv())}>
            Values (CSV)
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
});
