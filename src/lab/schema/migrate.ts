/** Older versions of the experiment document. */

type Document = Record<string, unknown>;
const isDocument = (x: unknown): x is Document => typeof x === 'object' && x !== null && !Array.isArray(x);

/** The document in the current version, if it is one of an older version; anything else comes back as it is. */
export function migrate(input: unknown): unknown {
  return isDocument(input) && input.version === 1 ? fromVersion1(input) : input;
}

/** Version 1 kept one KL setting, `objective.beta`, held throughout. */
function fromVersion1(input: Document): Document {
  if (!isDocument(input.objective)) return { ...input, version: 2 };
  const { beta, ...objective } = input.objective;
  const held = typeof beta === 'number' && beta > 0;
  return { ...input, version: 2, objective, ...(held && { kl: { schedule: 'fixed', beta } }) };
}
