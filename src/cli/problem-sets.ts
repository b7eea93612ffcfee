/** What `lab eval` evaluates on: held-out problems of the lab's tasks, or those of a file. */
import { TASK_NAMES, taskByName } from '../tasks';
import { countdown } from '../tasks/countdown';
import { importedTask } from '../tasks/import';
import { grade } from '../tasks/maths/grade';
import type { Problem, Task } from '../tasks/types';
import { holdsCountdown, parseProblems } from './data';
import { importFile } from './dataset';
import { readText } from './files';
import { CliError } from './output';

export interface ProblemSet {
  name: string;
  task: Task;
  problems: readonly Problem[];
  /** Rows of a file that are no problems. */
  dropped: number;
}

/**
 * Problems of Countdown from a file that holds such, the rows of any other that can be judged, or a split of each task.
 * @throws CliError when a file cannot be read, has a bad line of Countdown or nothing to evaluate on; ImportError
 */
export async function problemSets(
  data: string | undefined,
  tasks: readonly string[] = [TASK_NAMES[0]],
  split: 'validation' | 'test' = 'test',
): Promise<ProblemSet[]> {
  if (data === undefined)
    return tasks.map((name) => {
      const task = taskByName(name);
      return { name: `${name}, ${split}`, task, problems: task.split(split), dropped: 0 };
    });
  const text = await readText(data);
  if (holdsCountdown(text))
    return [{ name: data, task: countdown, problems: parseProblems(text, data), dropped: 0 }];
  const { problems, counts } = await importFile(data);
  if (problems.length === 0)
    throw new CliError(
      `None of the ${counts.rows} rows of ${data} can be used, and nothing was evaluated. lab data ${data} tells why.`,
    );
  const task = importedTask({ name: 'imported', title: data, problems, check: grade });
  return [{ name: data, task, problems, dropped: counts.rows - problems.length }];
}
