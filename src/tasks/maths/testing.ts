/** Random maths for tests. */
import type { Random } from '../../random';

/** An expression in LaTeX with what it is worth at x = 0.7, y = 1.3; NaN where that is not a real number. */
export function randomExpression(random: Random, depth = 3): { latex: string; value: number } {
  if (depth === 0 || random.next() < 0.15) {
    const n = 1 + random.int(20);
    const leaves = [
      { latex: 'x', value: 0.7 },
      { latex: 'y', value: 1.3 },
      { latex: '\\pi', value: Math.PI },
    ];
    return random.choice([...leaves, { latex: `${n}`, value: n }, { latex: `${n}`, value: n }]);
  }
  const a = randomExpression(random, depth - 1);
  const b = randomExpression(random, depth - 1);
  const n = 2 + random.int(2);
  return random.choice([
    { latex: `\\left(${a.latex} + ${b.latex}\\right)`, value: a.value + b.value },
    { latex: `\\left(${a.latex} - ${b.latex}\\right)`, value: a.value - b.value },
    { latex: `{${a.latex}} \\cdot {${b.latex}}`, value: a.value * b.value },
    { latex: `\\frac{${a.latex}}{${b.latex}}`, value: a.value / b.value },
    { latex: `\\left(${a.latex}\\right)^{${n}}`, value: a.value ** n },
    { latex: `\\sqrt{${a.latex}}`, value: Math.sqrt(a.value) },
    { latex: `\\sin\\left(${a.latex}\\right)`, value: Math.sin(a.value) },
    { latex: `\\ln\\left(${a.latex}\\right)`, value: Math.log(a.value) },
  ]);
}
