import { useState } from 'react';
import { REWARD_EXAMPLES } from '../../lab/custom-reward/examples';
import { Field, type FieldProps } from './Field';
import { RewardTest } from './RewardTest';
import { useForm } from './store';

/** A person's own reward function: its text, examples to start from, and its test. */
export function RewardEditor(props: FieldProps) {
  const { field, value: code, onChange } = props;
  const isOff = useForm((form) => Number(form.draft['reward.custom']) === 0);
  const [replaced, setReplaced] = useState<string | null>(null);
  const write = (next: string) => onChange(field.path, next);
  const start = (example: string) => {
    const isOwn = code.trim() !== '' && REWARD_EXAMPLES.every((e) => e.code !== code);
    if (isOwn) setReplaced(code);
    write(example);
  };

  return (
    <div className="own-reward">
      <Field {...props} />
      <div className="own-reward-bar">
        <select
          aria-label="Start from an example"
          value=""
          onChange={(event) => start(REWARD_EXAMPLES[Number(event.target.value)].code)}
        >
          <option value="" disabled>
            Start from an example …
          </option>
          {REWARD_EXAMPLES.map(({ title }, i) => (
            <option key={title} value={i}>
              {title}
            </option>
          ))}
        </select>
        {replaced !== null && (
          <button
            type="button"
            className="link"
            onClick={() => {
              write(replaced);
              setReplaced(null);
            }}
          >
            Back to your own text
          </button>
        )}
      </div>
      {code.trim() !== '' && <RewardTest code={code} />}
      {code.trim() !== '' && isOff && (
        <p className="muted">The weight of the own reward is 0: a run does not use the function.</p>
      )}
    </div>
  );
}
