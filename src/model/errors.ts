/** A file of a model directory that cannot be used: damaged, not what it claims to be, or not fitting the others. */
export class ModelFileError extends Error {
  override name = 'ModelFileError';

  /** `problem` is a clause without full stop, `remedy` a sentence. */
  constructor(
    readonly fileName: string,
    problem: string,
    remedy: string,
  ) {
    super(`${fileName}: ${problem}. Nothing was loaded from it. ${remedy}`);
  }
}

/** A sound model that this engine does not compute: another architecture, or a feature it lacks. */
export class UnsupportedModelError extends Error {
  override name = 'UnsupportedModelError';

  /** `feature` is what is not supported, `supported` a sentence saying what is. */
  constructor(
    readonly feature: string,
    supported: string,
  ) {
    super(`This model needs ${feature}, which is not supported. Nothing was loaded. ${supported}`);
  }
}
