/** Log-prob and entropy of each token and their gradients: shaders/token_loss.wgsl, and token_loss_part.wgsl for large vocabularies. */
import tokenLossWgsl from '../../../shaders/token_loss.wgsl?raw';
import tokenLossPartWgsl from '../../../shaders/token_loss_part.wgsl?raw';
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

/** A part of the vocabulary, as the uniform `partUniform` describes it; `state` carries a row from part to part. */
export interface LossPart {
  uniform: Binding;
  width: number;
}

/** 32-bit words of a row in `state`. */
export const LOSS_STATE_WORDS = 8;

/** Ids `first` to before `first` + `width` of `vocab`, in order of the parts. */
export const partUniform = (first: number, width: number, vocab: number): Uint32Array =>
  Uint32Array.of(first, width, Number(first === 0), Number(first + width === vocab));

/** One part of `tokenLoss`: logits [rows, width]. After the last part of the vocabulary `stats` is complete. */
export function tokenLossPart(
  part: LossPart,
  rows: Rows,
  logits: Binding,
  targets: Binding,
  state: Binding,
  stats: Binding,
): Dispatch {
  return {
    label: 'token loss of a part',
    source: tokenLossPartWgsl,
    constants: { BACKWARD: false },
    bindings: [rows.uniform, part.uniform, targets, logits, stats, state],
    grid: (sizes) => [rows.count(sizes)],
  };
}

/** One part of `tokenLossGradient`, given the complete `stats`. */
export function tokenLossPartGradient(
  part: LossPart,
  rows: Rows,
  logits: Binding,
  targets: Binding,
  stats: Binding,
  coefficients: Binding,
): Dispatch {
  return {
    label: 'token loss gradient of a part',
    source: tokenLossPartWgsl,
    constants: { BACKWARD: true },
    bindings: [rows.uniform, part.uniform, targets, logits, stats, coefficients],
    grid: (sizes) => [Math.ceil(part.width / 64), rows.count(sizes)],
  };
}

/** The uniform that the loss kernels read: rows and the bits of the temperature. */
export function lossUniform(rows: number, temperature: number): Uint32Array {
  const words = new Uint32Array(4);
  words[0] = rows;
  new Float32Array(words.buffer)[1] = temperature;
  return words;
}
