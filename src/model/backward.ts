/** The backward pass: from dL/dlogp and dL/dentropy of each token to the gradient of every parameter, which it adds to. */
import type { HeadShape } from '../gpu/kernels/layers';
import * as layers from '../gpu/kernels/layers';
import { tokenLossGradient } from '../gpu/kernels/loss';
import {
  chooseTile,
  columnSum,
  linearInputGradient,
  linearWeightGradient,
  type LinearShape,
  type Rows,
} from '../gpu/kernels/matmul';
import type { Binding, Dispatch } from '../gpu/program';
import type { Activations } from './activations';
import { chunkOf, chunkRows, headShape, linearShapes, logitsDispatch, tokenRows } from './forward';
import type { Block } from './layout';
import type { Model } from './model';

type GradientBuffers = ReturnType<Activations['gradients']>;

export function backwardDispatches(
  model: Model,
  a: Activations,
  d: GradientBuffers,
  gradients: GPUBuffer,
): Dispatch[] {
  const { config, layout } = model;
  const { hiddenSize: hidden } = config;
  const rows = tokenRows(a.uniform);
  const shape: HeadShape = headShape(model);
  const shapes = linearShapes(model);
  const tile = chooseTile(model.gpu, a.capacity);
  const gradientOf = (block: Block) => model.bind(block, gradients);

  /** dW += dyᵀ x, then dx = dy W. */
  const linearGradient = (
    label: string,
    at: LinearShape,
    r: Rows,
    dy: Binding,
    x: Binding,
    w: Block,
    dx: Binding,
  ) => [
    ...linearWeightGradient(`${label} dW`, at, r, dy, x, d.partials, gradientOf(w), tile),
    linearInputGradient(`${label} dx`, at, r, dy, model.bind(w), dx, tile),
  ];
  /** Norm weights' gradient, then the input's, added to the residual gradient unless it starts it. */
  const normGradient = (label: string, x: Binding, w: Block, rstd: Binding, dy: Binding, add = true) => [
    ...columnSum(`${label} dw`, hidden, rows, dy, d.partials, gradientOf(w), { x, rstd }),
    layers.rmsnormInputGradient(`${label} dx`, hidden, rows, x, model.bind(w), rstd, dy, d.residual, add),
  ];

  const dispatches: Dispatch[] = [];
  a.lossUniforms.forEach((_, chunk) => {
    if (a.lossUniforms.length > 1) dispatches.push(logitsDispatch(model, a, chunk));
    const part = (buffer: GPUBuffer, width: number) => chunkOf(a, buffer, chunk, width);
    const chunked = chunkRows(a, chunk);
    dispatches.push(
      tokenLossGradient(
        config.vocabSize,
        chunked,
        a.logits,
        part(a.targets, 1),
        part(a.stats, 4),
        part(d.coefficients, 2),
      ),
      ...linearGradient(
        'lm head',
        shapes.lmHead,
        chunked,
        a.logits,
        part(a.finalNormed, hidden),
        layout.lmHead,
        part(d.normed, hidden),
      ),
    );
  });
  const last = a.layers.at(-1)?.out ?? a.embedded;
  dispatches.push(...normGradient('final norm', last, layout.finalNorm, a.finalRstd, d.normed, false));

  for (let index = layout.layers.length - 1; index >= 0; index--) {
    const w = layout.layers[index];
    const s = a.layers[index];
    const x = index > 0 ? a.layers[index - 1].out : a.embedded;
    const norm = w.qkNorm && {
      qkv: s.qkv,
      weights: model.bind(w.qkNorm),
      rstd: s.qkRstd!,
      perToken: d.qkNormPerToken!,
      partials: d.partials,
      dWeights: gradientOf(w.qkNorm),
    };
    dispatches.push(
      ...linearGradient('down', shapes.down, rows, d.residual, s.activated, w.down, d.activated),
      layers.swigluGradient(config.intermediateSize, rows, s.gateUp, d.activated, d.gateUp),
      ...linearGradient('gate, up', shapes.gateUp, rows, d.gateUp, s.postNormed, w.gateUp, d.normed),
      ...normGradient('post norm', s.middle, w.postNorm, s.postRstd, d.normed),
      ...linearGradient(
        'attention output',
        shapes.output,
        rows,
        d.residual,
        s.attended,
        w.output,
        d.attended,
      ),
      ...layers.attentionGradient(
        shape,
        rows,
        { ...s, o: s.attended, segments: a.segments },
        d.attended,
        d.delta,
        d.qk,
        d.qkv,
      ),
      ...layers.ropeGradient(shape, rows, d.qk, a.angles, a.positions, d.qkv, norm),
      ...(w.qkvBias
        ? columnSum('qkv bias', shapes.qkv.outputs, rows, d.qkv, d.partials, gradientOf(w.qkvBias))
        : []),
      ...linearGradient('qkv', shapes.qkv, rows, d.qkv, s.normed, w.qkv, d.normed),
      ...normGradient('input norm', x, w.inputNorm, s.rstd, d.normed),
    );
  }
  dispatches.push(
    layers.embeddingGradient(
      hidden,
      a.uniform,
      (sizes) => sizes.usedIds,
      d.used,
      d.order,
      d.residual,
      gradientOf(layout.embedding),
    ),
  );
  return dispatches;
}
