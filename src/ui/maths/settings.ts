import type { KatexOptions } from 'katex';
import type { MathsPart } from './parts';

/**
 * Formulas come from files and from models: no links, images, styles or classes from them, few macro expansions, no
 * large sizes; what cannot be read is shown as it is written. Those with definitions do not come here (`mannerOf`).
 */
export const katexSettings = ({ display }: Pick<MathsPart, 'display'>): KatexOptions => ({
  displayMode: display,
  trust: false,
  throwOnError: false,
  errorColor: 'currentColor',
  strict: 'ignore',
  maxExpand: 500,
  maxSize: 5,
});

/** What is handed to KaTeX. */
export const source = ({ tex, boxed }: Pick<MathsPart, 'tex' | 'boxed'>): string =>
  boxed ? `\\boxed{${tex}}` : tex;
