/** What of a document differs from another of the same shape, as a document of the differing parts alone. */
import { LinkError } from './error';

export type Json = { [key: string]: unknown };

export const isJson = (x: unknown): x is Json => typeof x === 'object' && x !== null && !Array.isArray(x);

/** The parts of `document` that `base` lacks or has otherwise; lists are taken whole. */
export function differenceFrom(base: Json, document: Json): Json {
  return Object.fromEntries(
    Object.entries(document).flatMap(([key, value]): [string, unknown][] => {
      const before = base[key];
      if (isJson(value) && isJson(before)) {
        const below = differenceFrom(before, value);
        return Object.keys(below).length > 0 ? [[key, below]] : [];
      }
      return JSON.stringify(value) === JSON.stringify(before) ? [] : [[key, value]];
    }),
  );
}

/**
 * `differences` laid over `base`.
 * @throws LinkError for a part that `base` does not have
 */
export function applyDifference(base: Json, differences: Json, path = ''): Json {
  const unknown = Object.keys(differences).find((key) => !Object.hasOwn(base, key));
  if (unknown !== undefined)
    throw new LinkError(
      `it sets ${JSON.stringify((path + unknown).slice(0, 80))}, which this version of the lab does not know`,
      'A newer version of the lab may open it.',
    );
  return Object.fromEntries(
    Object.entries(base).map(([key, before]) => {
      if (!Object.hasOwn(differences, key)) return [key, before];
      const value = differences[key];
      return [
        key,
        isJson(before) && isJson(value) ? applyDifference(before, value, `${path}${key}.`) : value,
      ];
    }),
  );
}
