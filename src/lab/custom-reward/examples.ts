/** Own reward functions to start from. */

export interface RewardExample {
  title: string;
  code: string;
}

export const REWARD_EXAMPLES: readonly RewardExample[] = [
  {
    title: 'Shorter right answers earn more',
    code: `// 1 for a right answer without words, 0 at the limit; wrong answers earn nothing.
function reward({ correct, length, maxLength }) {
  return correct ? 1 - length / maxLength : 0;
}
`,
  },
  {
    title: 'A check before the box',
    code: `// 1 when the response checks something before it answers.
function reward({ response }) {
  const box = response.lastIndexOf('\\\\boxed');
  return box > 0 && /\\bcheck\\b/.test(response.slice(0, box)) ? 1 : 0;
}
`,
  },
  {
    title: 'Checks that tell the truth',
    code: `// Share of the checks, such as "= 7 check 5 no", whose verdict is true.
function reward({ response }) {
  const checks = [...response.matchAll(/= (\\d+) check (\\d+) (yes|no)/g)];
  const honest = checks.filter(([, value, target, verdict]) => (value === target) === (verdict === 'yes'));
  return checks.length > 0 ? honest.length / checks.length : 0;
}
`,
  },
  {
    title: 'Repeated equations cost',
    code: `// 0 when every equation is new, towards -1 the more of them repeat an earlier one.
function reward({ response }) {
  const equations = response.match(/\\d+ [-+*] \\d+ = \\d+/g) ?? [];
  return equations.length > 0 ? new Set(equations).size / equations.length - 1 : 0;
}
`,
  },
];
