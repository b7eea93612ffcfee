import { Collapsible } from 'radix-ui';
import { useState, type ReactNode } from 'react';
import { DataField } from './DataField';
import { DemonstrationsField } from './DemonstrationsField';
import type { Draft } from './draft';
import { Field, type FieldProps } from './Field';
import type { FieldSpec } from './fields';
import { ModelField } from './ModelField';
import { PackagesField } from './PackagesField';
import { RewardEditor } from './RewardEditor';

/** Open when the page is: what most people change. */
const OPEN = new Set(['General', 'Rollouts', 'Schedule', 'Evaluation']);

/** Fields that need more than an input. */
const CONTROLS: Partial<Record<string, (props: FieldProps) => ReactNode>> = {
  'data.file': DataField,
  'model.path': ModelField,
  'sft.file': DemonstrationsField,
  'reward.custom_code': RewardEditor,
  'tools.packages': PackagesField,
};

interface Props {
  title: string;
  fields: readonly FieldSpec[];
  draft: Draft;
  /** The preset's draft, and the paths at which this one differs from it. */
  original: Draft;
  changed: ReadonlySet<string>;
  errors: Record<string, string>;
  warnings: Record<string, string>;
  change: (path: string, value: string) => void;
}

/** The settings under one heading, the rarer ones behind “More”. What is wrong in it always shows. */
export function FormSection({ title, fields, draft, original, changed, errors, warnings, change }: Props) {
  const [open, setOpen] = useState(OPEN.has(title));
  const [more, setMore] = useState(false);
  const rare = fields.filter((f) => f.advanced);
  const isWrong = (list: readonly FieldSpec[]) => list.some((f) => errors[f.path] !== undefined);
  const changedIn = (list: readonly FieldSpec[]) => list.filter((f) => changed.has(f.path)).length;

  const list = (shown: readonly FieldSpec[]) =>
    shown.map((f) => {
      const Control = CONTROLS[f.path] ?? Field;
      return (
        <Control
          key={f.path}
          field={f}
          value={draft[f.path]}
          preset={changed.has(f.path) ? original[f.path] : undefined}
          error={errors[f.path]}
          warning={warnings[f.path]}
          onChange={change}
        />
      );
    });

  return (
    <Collapsible.Root open={open || isWrong(fields)} onOpenChange={setOpen} className="group">
      <h3>
        <Collapsible.Trigger className="disclosure" type="button">
          {title}
          <Count changed={changedIn(fields)} />
        </Collapsible.Trigger>
      </h3>
      <Collapsible.Content role="group" aria-label={title}>
        {list(fields.filter((f) => !f.advanced))}
        {rare.length > 0 && (
          <Collapsible.Root open={more || isWrong(rare)} onOpenChange={setMore}>
            <Collapsible.Trigger className="disclosure more" type="button" aria-label={`More of ${title}`}>
              More
              <Count changed={changedIn(rare)} />
            </Collapsible.Trigger>
            <Collapsible.Content>{list(rare)}</Collapsible.Content>
          </Collapsible.Root>
        )}
      </Collapsible.Content>
    </Collapsible.Root>
  );
}

function Count({ changed }: { changed: number }) {
  return changed > 0 ? <span className="count">{changed} changed</span> : null;
}
