/** A person's function cannot be used. */
export class FunctionError extends Error {
  override name = 'FunctionError';
}
