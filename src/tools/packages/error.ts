/** A package that the sandbox cannot have: what is wrong with it, and what to do. */
export class PackageError extends Error {
  override name = 'PackageError';

  constructor(message: string) {
    super(message);
  }
}
