import { countdown } from './countdown';
import type { Task } from './types';

const TASKS: readonly Task[] = [countdown];

/** @throws RangeError listing the tasks there are. */
export function taskByName(name: string): Task {
  const task = TASKS.find((t) => t.name === name);
  if (!task)
    throw new RangeError(`There is no task "${name}". There are: ${TASKS.map((t) => t.name).join(', ')}`);
  return task;
}
