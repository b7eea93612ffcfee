/** Demonstrations that cannot be learnt from, or none at all. */
export class DemonstrationError extends Error {
  override name = 'DemonstrationError';
}
