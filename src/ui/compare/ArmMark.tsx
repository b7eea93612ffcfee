import { markOf } from './marks';

/** A piece of the arm's line, beside its name. */
export function ArmMark({ arm }: { arm: number }) {
  const { color, dash } = markOf(arm);
  return (
    <svg className="arm-mark" width="22" height="8" aria-hidden="true">
      <line x1="0" y1="4" x2="22" y2="4" stroke={color} strokeWidth="2.5" strokeDasharray={dash} />
    </svg>
  );
}
