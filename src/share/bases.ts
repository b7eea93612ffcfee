/**
 * The documents that links are differences from. Old links depend on them: a base is never edited, and a new version of
 * the experiment gets a new one beside it. Each is the preset of its name, complete, as it was when it was added.
 */
import aha2 from './bases/aha-2.json';
import ahaQuick2 from './bases/aha-quick-2.json';
import type { Json } from './difference';

export const BASES: Readonly<Record<string, Json>> = { 'aha-2': aha2, 'aha-quick-2': ahaQuick2 };
