/** Why an answer cannot be read or decided. Internal to this folder: `compareAnswers` turns it into a verdict. */
export class MathsError extends Error {
  override name = 'MathsError';
}

/** The work one comparison may do, counted in steps of about a microsecond rather than by a clock, so that verdicts repeat. */
export class Budget {
  constructor(private left = 12_000) {}

  /** @throws MathsError once the work is spent */
  spend(steps: number): void {
    this.left -= steps;
    if (this.left < 0) throw new MathsError('it takes too much work to decide');
  }
}
