import { arithmetic } from './arithmetic';
import { arrows } from './arrows';
import { countdown } from './countdown';
import { letters } from './letters';
import { linear } from './linear';
import { modular } from './modular';
import { ordering } from './ordering';
import type { GeneratedTask } from './types';

/** The generated tasks, by name. */
export const TASK_NAMES = [
  'countdown',
  'arithmetic',
  'modular',
  'linear',
  'ordering',
  'letters',
  'arrows',
] as const;
export type TaskName = (typeof TASK_NAMES)[number];

const TASKS: Readonly<Record<TaskName, GeneratedTask>> = {
  countdown,
  arithmetic,
  modular,
  linear,
  ordering,
  letters,
  arrows,
};

/** @throws RangeError listing the tasks there are. */
export function taskByName(name: string): GeneratedTask {
  const known = TASK_NAMES.find((n) => n === name);
  if (!known) throw new RangeError(`There is no task "${name}". There are: ${TASK_NAMES.join(', ')}`);
  return TASKS[known];
}
