/** A run file that cannot be imported: what is wrong with it, and what to do. Nothing was imported. */
export class RunFileError extends Error {
  override name = 'RunFileError';

  constructor(
    problem: string,
    remedy = 'Export the run once more, or ask whoever sent it for the file again.',
  ) {
    super(`This run file cannot be imported: ${problem.replace(/\.$/, '')}. Nothing was changed. ${remedy}`);
  }
}
