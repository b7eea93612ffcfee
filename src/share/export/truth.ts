/** What the exported checker compares a response with; `python/lab_checker.py` reads it. */
import type { TaskName } from '../../tasks';
import type { CountdownProblem } from '../../tasks/countdown';
import type { ModularProblem } from '../../tasks/modular';
import type { Problem } from '../../tasks/types';

export type Truth =
  | { kind: 'countdown'; numbers: readonly number[]; target: number }
  | { kind: 'number' | 'text'; values: readonly string[] }
  | { kind: 'maths'; answer: string };

/** @param problem of that task */
export function truthOf(task: TaskName | 'imported', problem: Problem): Truth {
  switch (task) {
    case 'countdown': {
      const { numbers, target } = problem as CountdownProblem;
      return { kind: 'countdown', numbers, target };
    }
    case 'modular':
      return { kind: 'number', values: (problem as ModularProblem).solutions.map(String) };
    case 'arithmetic':
    case 'linear':
    case 'letters':
    case 'arrows':
      return { kind: 'number', values: [problem.answer] };
    case 'ordering':
      return { kind: 'text', values: [problem.answer] };
    case 'imported':
      return { kind: 'maths', answer: problem.answer };
  }
}
