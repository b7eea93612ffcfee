import type { ToolLanguage } from '../../lab/sandbox';

/** What the editor holds at first. */
export const EXAMPLES: Record<ToolLanguage, string> = {
  python: `from fractions import Fraction
from itertools import permutations

for a, b, c in permutations([15, 14, 3]):
    if a * b + c == 59 or a * b - c == 59 or a + b * c == 59:
        print(a, b, c)
print(Fraction(1, 3) + Fraction(1, 6))
`,
  javascript: `const isPrime = (n) => n > 1 && ![...Array(n).keys()].some((d) => d > 1 && n % d === 0);
print([...Array(60).keys()].filter(isPrime));
`,
  calculator: `15 * 3 + 14
1 / 3 + 1 / 6
( 15 * 3 ) + 14 = 59
`,
};
