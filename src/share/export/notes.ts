/** NOTES.md of an export: what differs from the lab, what has no equivalent, and where each setting went. */
import { fieldsOf, type Field } from './fields';
import type { Argument, Arguments, Mapping, Rule, Study, TextFile } from './types';

/** The arguments of some rules, in their order. */
function saidBy(rules: readonly Rule[], study: Study): [name: string, value: Argument][] {
  return rules.flatMap(({ args }) =>
    Object.entries(args?.(study.experiment, study) ?? {}).flatMap(([name, value]): [string, Argument][] =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}

/** All arguments of the mapped settings. */
export const argumentsOf = (mapping: Mapping, study: Study): Arguments =>
  Object.fromEntries(saidBy(Object.values(mapping), study));

/** @param start how the run is started, as Markdown */
export function notesFile(framework: string, start: string, mapping: Mapping, study: Study): TextFile {
  const { experiment } = study;
  const fields = fieldsOf(experiment);
  const unmapped = fields.filter(({ path }) => !mapping[path]);
  const differing = fields.flatMap((field) => {
    const note = mapping[field.path]?.note?.(experiment, study);
    return note === undefined ? [] : [`- **${field.label}** (${setting(field)}): ${note}`];
  });
  const sections = [
    `# ${oneLine(experiment.name)}, in ${framework}`,
    start,
    '## What differs from the lab',
    lines(differing, 'Nothing that is known.'),
    '## What has no equivalent',
    lines(
      unmapped.map(
        (f) =>
          `- ${f.label} (${setting(f)})${f.isDefault ? '' : ' – **not the default: this run differs by it**'}`,
      ),
      'Every setting has one.',
    ),
    '## Where each setting went',
    '| setting | here |\n| --- | --- |',
  ];
  const rows = fields
    .filter(({ path }) => mapping[path])
    .map((f) => `| ${setting(f)} | ${placeOf(f, mapping, study)} |`);
  return { path: 'NOTES.md', text: `${sections.join('\n\n')}\n${rows.join('\n')}\n` };
}

const lines = (all: readonly string[], none: string) => (all.length ? all.join('\n') : none);

function placeOf({ path }: Field, mapping: Mapping, study: Study): string {
  const rule = mapping[path] ?? {};
  const said = saidBy([rule], study).map(([name, value]) => code(`${name}=${JSON.stringify(value)}`));
  return [...said, ...(rule.file ? [rule.file] : [])].join(', ') || 'not used at this value';
}

const LONGEST_VALUE = 60;

/** `path` = value, a long or multi-line one shortened. */
function setting({ path, value }: Field): string {
  const text = oneLine(JSON.stringify(value));
  return code(`${path} = ${text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text}`);
}

/** No text of a person ends the code or the cell of the table. */
const code = (text: string) => `\`${text.replaceAll('`', "'").replaceAll('|', '¦')}\``;
const oneLine = (text: string) => text.replace(/\s+/g, ' ');
