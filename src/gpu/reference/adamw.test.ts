import { expect, it } from 'vitest';
import * as adamw from './adamw';
import { relativeError } from './numbers';

const options = { lr: 0.03, beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.1, maxGradNorm: 1 };

it('follows torch.optim.AdamW after clip_grad_norm_ (PyTorch 2.13, float64)', () => {
  const p = Float64Array.of(0.5, -1.25, 2, 0);
  const [m, v] = [new Float64Array(4), new Float64Array(4)];
  const golden = [
    {
      g: [3, -4, 0.5, 0],
      norm: 5.024937810560445,
      p: [0.46850000050249385, -1.2162500003768706, 1.964000003014963, 0],
    },
    {
      g: [0.1, 0.2, -0.3, 0.05],
      norm: 0.3774917217635375,
      p: [0.44352906369413586, -1.1985202458855593, 1.9729457055855606, -0.02227378736789528],
    },
    {
      g: [1, -2, 0, 7],
      norm: 7.3484692283495345,
      p: [0.420169929785214, -1.1785221069762262, 1.9785225540509928, -0.042159235794415315],
    },
  ];
  golden.forEach((update, i) => {
    const g = Float64Array.from(update.g);
    expect(adamw.step(p, g, m, v, { ...options, step: i + 1 })).toBeCloseTo(update.norm, 13);
    expect(relativeError(p, Float64Array.from(update.p))).toBeLessThan(1e-14);
    expect([...g]).toEqual(update.g);
  });
});

it('moves every parameter by lr against the sign of its first gradient', () => {
  const p = new Float64Array(3);
  const g = Float64Array.of(1e3, -2, 0);
  adamw.step(p, g, new Float64Array(3), new Float64Array(3), { ...options, eps: 1e-12, step: 1 });
  expect(relativeError(p, Float64Array.of(-0.03, 0.03, 0))).toBeLessThan(1e-8);
});

it('does not clip at a largest norm of 0, nor below the norm asked for', () => {
  const [off, wide, tight] = [0, 100, 1].map((maxGradNorm) => {
    const m = new Float64Array(2);
    const g = Float64Array.of(3, 4);
    adamw.step(new Float64Array(2), g, m, new Float64Array(2), { ...options, maxGradNorm, step: 1 });
    return m;
  });
  expect(off).toEqual(wide);
  expect(Math.hypot(...off)).toBeCloseTo(0.5, 12);
  expect(Math.hypot(...tight)).toBeCloseTo(0.1, 6);
});
