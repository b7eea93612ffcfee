/**
 * What packages need of one another: the part of https://packaging.python.org/en/latest/specifications/dependency-specifiers/
 * and of version specifiers that says no more than it knows.
 */

export interface Requirement {
  package: string;
  /** `<1.4,>=1.1.0`; empty is any. */
  versions: string;
}

/** The name by which Python knows a package: `Typing_Extensions` is `typing-extensions`. */
export const normalName = (name: string): string => name.replace(/[-_.]+/g, '-').toLowerCase();

/** A line of `Requires-Dist`; undefined where it is only needed on a condition, such as an extra, or cannot be read. */
export function parseRequirement(line: string): Requirement | undefined {
  const [, name, versions] =
    /^([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*\(?([^;()@]*)\)?\s*$/.exec(line) ?? [];
  return name === undefined ? undefined : { package: name, versions: versions.replace(/\s+/g, '') };
}

const CLAUSE = /^(~=|==|!=|<=|>=|<|>)(\d+(?:\.\d+)*)(\.\*)?$/;
const PLAIN = /^v?(\d+(?:\.\d+)*)(?:\.?post\d+)?(?:\+[\w.]+)?$/i;

/** Whether a version is one of those; undefined where that is beyond plain numbers. */
export function satisfies(version: string, versions: string): boolean | undefined {
  const own = numbers(PLAIN.exec(version)?.[1]);
  let known = true;
  for (const clause of versions.replace(/\s+/g, '').split(',').filter(Boolean)) {
    const [, operator, text, prefix] = CLAUSE.exec(clause) ?? [];
    const other = numbers(text);
    if (!own || !other) known = false;
    else if (!holds(own, operator, other, prefix !== undefined)) return false;
  }
  return known || undefined;
}

const numbers = (text: string | undefined): number[] | undefined => text?.split('.').map(Number);

function holds(own: readonly number[], operator: string, other: readonly number[], prefix: boolean): boolean {
  const short = own.slice(0, other.length);
  switch (operator) {
    case '==':
      return compare(prefix ? short : own, other) === 0;
    case '!=':
      return compare(prefix ? short : own, other) !== 0;
    case '<':
      return compare(own, other) < 0;
    case '<=':
      return compare(own, other) <= 0;
    case '>':
      return compare(own, other) > 0;
    case '>=':
      return compare(own, other) >= 0;
    default:
      return compare(own, other) >= 0 && compare(short.slice(0, -1), other.slice(0, -1)) === 0;
  }
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** What is known of a package: enough to say whether others can work with it. */
export interface Known {
  package: string;
  version: string;
  requires: readonly Requirement[];
}

/** Two wheels of one package, or a package that another needs and that is not among them; undefined when all is there. */
export function faultAmong(packages: readonly Known[]): string | undefined {
  const byName = new Map<string, Known>();
  for (const one of packages) {
    const other = byName.get(normalName(one.package));
    if (other)
      return `There are two wheels of the package ${one.package}, of the versions ${other.version} and ${one.version}: take one out.`;
    byName.set(normalName(one.package), one);
  }
  for (const one of packages) {
    const need = needsOf(one, packages)[0];
    if (need !== undefined) return need;
  }
  return undefined;
}

/** What a package lacks among the others, in sentences. */
export function needsOf(one: Known, packages: readonly Known[]): string[] {
  return one.requires.flatMap(({ package: name, versions }) => {
    const needs = `${one.package} ${one.version} needs ${name}${versions && ` ${versions}`}`;
    const there = packages.find((other) => normalName(other.package) === normalName(name));
    if (!there) return [`${needs}, which is not among the packages: add a wheel of it.`];
    return satisfies(there.version, versions) === false
      ? [`${needs}, and ${there.version} is among the packages: take a wheel of another version.`]
      : [];
  });
}
