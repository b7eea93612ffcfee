/** Where signals stand in a chart. */
import type { Severity, Signal } from '../../lab/signals';
import type { ChartSpec } from './specs';

export interface Marker {
  /** The signal's number in the list of signals. */
  number: number;
  step: number;
  severity: Severity;
  title: string;
}

/** The signals that concern a metric of this chart. */
export const markersOf = (signals: readonly Signal[], { series }: ChartSpec): Marker[] =>
  signals
    .map(({ charts, ...signal }, i) => ({ charts, marker: { ...signal, number: i + 1 } }))
    .filter(({ charts }) => series.some((s) => charts.includes(s.metric)))
    .map(({ marker: { number, step, severity, title } }) => ({ number, step, severity, title }));

/** The same in words. */
export const describeMarkers = (markers: readonly Marker[]): string =>
  markers.map(({ number, step, title }) => `Signal ${number}, ${title}, from step ${step}.`).join(' ');
