import { describe, expect, it } from 'vitest';
import { Random } from '../random';
import { TASK_NAMES, taskByName } from '../tasks';
import { keywordCategories } from '../tasks/keywords';
import type { GeneratedTask, Problem, Task } from '../tasks/types';
import { DEMONSTRATION_MIXES, hasDemonstrations, synthesize } from './demonstrations';

const COUNT = 300;
const reflects = (text: string) => Object.values(keywordCategories(text)).some(Boolean);

describe.each(TASK_NAMES)('demonstrations of %s', (name) => {
  const task = taskByName(name);
  const train = task.split('train');
  const byPrompt = new Map<string, Problem>(train.map((problem) => [problem.prompt, problem]));

  it.each(DEMONSTRATION_MIXES)('%s: of training problems alone, all right, in their style', (mix) => {
    const made = synthesize(task, train, COUNT, mix, new Random(1));
    expect(made).toHaveLength(COUNT);
    for (const { prompt, completion } of made) {
      const problem = byPrompt.get(prompt);
      expect(problem, prompt).toBeDefined();
      expect(task.verify(problem!, completion), completion).toMatchObject({ correct: true });
    }
    const share = made.filter(({ completion }) => reflects(completion)).length / COUNT;
    if (mix === 'mixed') expect(Math.abs(share - 0.5)).toBeLessThan(0.15);
    else expect(share).toBe(mix === 'reflective' ? 1 : 0);
    expect(synthesize(task, train, COUNT, mix, new Random(1))).toEqual(made);
  });

  it('take the problems in turn', () => {
    const few = train.slice(0, 5);
    const prompts = synthesize(task, few, 15, 'direct', new Random(2)).map(({ prompt }) => prompt);
    for (const problem of few) expect(prompts.filter((prompt) => prompt === problem.prompt)).toHaveLength(3);
  });
});

it('only tasks that are generated have them', () => {
  const countdown = taskByName('countdown');
  expect(hasDemonstrations(countdown)).toBe(true);
  const collected: Partial<GeneratedTask> = { ...countdown };
  delete collected.demonstration;
  expect(hasDemonstrations(collected as Task)).toBe(false);
});
