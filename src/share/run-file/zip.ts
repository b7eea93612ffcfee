/** The zip of a run, which a stranger may have made. */
import { ZipFiles } from '../../zip';
import { RunFileError } from './error';

const RULES = {
  // A run has a few dozen files.
  maxEntries: 2000,
  // More does not fit in memory.
  maxBytes: 2 ** 31,
  Refusal: RunFileError,
};

/** @throws RunFileError when the bytes are no zip, or one that may be read in two ways, or leads out of its folder */
export const openZip = (zip: Blob): Promise<ZipFiles> => ZipFiles.open(zip, RULES);
