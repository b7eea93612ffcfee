/** Log-prob and entropy of each token and their gradients: shaders/token_loss.wgsl. */
import tokenLossWgsl from '../../../shaders/token_loss.wgsl?raw';
import type { Binding, Dispatch } from '../program';
import type { Rows } from './matmul';

/** The target of a row that carries no loss. */
export const NO_TARGET = 0xffffffff;

/** stats[t] = [log-prob of targets[t], entropy, log-sum-exp, argmax] under softmax(logits / temperature). */
export function tokenLoss(
  vocab: number,
  rows: Rows,
  logits: Binding,
  targets: Binding,
  stats: Binding,
): Dispatch {
  return {
    label: 'token loss',
    source: tokenLossWgsl,
    constants: { V: vocab, BACKWARD: false },
    bindings: [rows.uniform, logits, targets, stats],
    grid: (sizes) => [Math.ceil(rows.count(sizes) / 32)],
  };
}

/** Turns logits into their gradient, given coefficients[t] = [dL/dlogp, dL/dentropy]. */
export function tokenLossGradient(
  vocab: number,
  rows: Rows,
  logits: Binding,
  targets: Binding,
  stats: Binding,
  coefficients: Binding,
): Dispatch {
  return {
    label: 'token loss gradient',
    source: tokenLossWgsl,
    constants: { V: vocab, BACKWARD: true },
    bindings: [rows.uniform, logits, targets, stats, coefficients],
    grid: (sizes) => [Math.ceil(rows.count(sizes) / 32)],
  };
}

/** The uniform that the loss kernels read: rows and the bits of the temperature. */
export function lossUniform(rows: number, temperature: number): Uint32Array {
  const words = new Uint32Array(4);
  words[0] = rows;
  new Float32Array(words.buffer)[1] = temperature;
  return words;
}
