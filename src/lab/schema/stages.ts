/** The staged response limit: “64 until 20, 128 until 40”. */

export interface Stage {
  limit: number;
  /** Last step of the stage. */
  until: number;
}

/**
 * Stages in ascending order of their last step; none for an empty text.
 * @throws RangeError saying what is wrong
 */
export function parseStages(text: string): Stage[] {
  if (text.trim() === '') return [];
  const stages = text.split(',').map((part) => {
    const found = /^\s*(\d{1,6})\s+until\s+(\d{1,7})\s*$/.exec(part);
    if (!found)
      throw new RangeError(`“${part.trim()}” is not a stage; write for instance “64 until 20, 128 until 40”`);
    return { limit: Number(found[1]), until: Number(found[2]) };
  });
  stages.forEach(({ limit, until }, i) => {
    if (limit < 1) throw new RangeError('a stage needs room for at least one token');
    if (i > 0 && until <= stages[i - 1].until)
      throw new RangeError('each stage must end after the one before it');
  });
  return stages;
}

/** The response limit of a step. */
export const limitOfStep = (stages: readonly Stage[], limit: number, step: number): number =>
  stages.find(({ until }) => step <= until)?.limit ?? limit;
