/** What the menu of a comparison's chart hands out. */
import { useMemo } from 'react';
import { metricsCsv } from '../../lab/csv';
import { plotArmsPanelSvg, sharedMetric, type PlotPanel } from '../../lab/plot';
import type { ChartFiles } from '../charts/ChartMenu';
import { useLatest } from '../charts/files';
import { armRows, highKey, lowKey, meanKey, runKey } from './armRows';
import type { SideMetrics } from './sides';

/** The same object while `panel` is the same. */
export function useArmFiles(panel: PlotPanel, sides: readonly SideMetrics[]): ChartFiles {
  const latest = useLatest(sides);
  return useMemo(
    () => ({
      title: panel.title,
      svg: () => plotArmsPanelSvg(panel, latest().map(asDrawn)),
      csv: () => armsCsv(panel, latest()),
    }),
    [panel, latest],
  );
}

/** Of an arm without a finished run, those under way. */
const asDrawn = ({ arm, runs, unfinished }: SideMetrics) => ({
  arm,
  runs: runs.length > 0 ? runs : unfinished.map(({ metrics }) => metrics),
});

/** A column an arm; of several runs their mean, lowest and highest; and one for each run under way. */
function armsCsv(panel: PlotPanel, sides: readonly SideMetrics[]): string {
  const rows = armRows(sides, sharedMetric(panel, sides).name, Infinity);
  const columns = sides.flatMap(({ arm, runs, unfinished }, i): [key: string, name: string][] => [
    ...(runs.length > 0 ? [[meanKey(i), arm] as [string, string]] : []),
    ...(runs.length > 1
      ? ([
          [lowKey(i), `${arm}, lowest`],
          [highKey(i), `${arm}, highest`],
        ] as [string, string][])
      : []),
    ...unfinished.map(({ id }, n): [string, string] => [runKey(id), `${arm}, unfinished ${n + 1}`]),
  ]);
  const named = rows.map((row) => ({
    ...Object.fromEntries(columns.flatMap(([key, name]) => (key in row ? [[name, row[key]]] : []))),
    step: row.step,
  }));
  return metricsCsv(
    named,
    columns.map(([, name]) => name),
  );
}
