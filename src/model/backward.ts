/**
 * The backward pass: from dL/dlogp and dL/dentropy of each token to the gradient of every trained parameter, which it adds
 * to. With an adapter the model is frozen: nothing is computed for its weights but what passes through them.
 */
import { attentionGradient } from '../gpu/kernels/attention';
import * as layers from '../gpu/kernels/layers';
import { tokenLossGradient, tokenLossPartGradient } from '../gpu/kernels/loss';
import { chooseTile, columnSum } from '../gpu/kernels/matmul';
import type { Binding, Dispatch } from '../gpu/program';
import type { Activations, GradientBuffers } from './activations';
import {
  chunkOf,
  chunkRows,
  headParts,
  headShape,
  layerForward,
  layerInput,
  logitsDispatch,
  projectionOf,
  tablePart,
  tokenRows,
} from './forward';
import { LORA_BUFFERS } from './activation-sizes';
import { linearShapes, type Block, type LinearName } from './layout';
import type { Adapter } from './lora';
import type { Model } from './model';
import type { ParameterArray } from './parameter-array';
import { projectionGradient } from './projection';
import { vocabularyParts } from './vocabulary';

export function backwardDispatches(
  model: Model,
  adapter: Adapter | undefined,
  a: Activations,
  d: GradientBuffers,
  gradients: ParameterArray,
): Dispatch[] {
  const { config, layout } = model;
  const frozen = adapter !== undefined;
  const { hiddenSize: hidden } = config;
  const rows = tokenRows(a.uniform);
  const shape = headShape(model);
  const { angles, positions, segments } = a.batch;
  const tile = chooseTile(model.gpu, a.size.capacity);

  /** Norm weights' gradient, then the input's, added to the residual gradient unless it starts it. */
  const normGradient = (label: string, x: Binding, w: Block, rstd: Binding, dy: Binding, add = true) => [
    ...(frozen ? [] : columnSum(`${label} dw`, hidden, rows, dy, d.partials, gradients.bind(w), { x, rstd })),
    layers.rmsnormInputGradient(`${label} dx`, hidden, rows, x, model.bind(w), rstd, dy, d.residual, add),
  ];

  const layerGradient = (index: number): Dispatch[] => {
    const w = layout.layers[index];
    const s = a.layers[index];
    const norm = w.qkNorm && {
      qkv: s.qkv,
      weights: model.bind(w.qkNorm),
      rstd: s.qkRstd,
      perToken: d.qkNormPerToken,
      partials: d.partials,
      dWeights: frozen ? undefined : gradients.bind(w.qkNorm),
    };
    const linearGradient = (name: LinearName, dy: Binding, x: Binding, dx?: Binding) =>
      projectionGradient(
        projectionOf(model, adapter, index, name),
        rows,
        { dy, x, dx, partials: d.partials, h: s[LORA_BUFFERS[name]], dh: d.h },
        adapter ? { lora: adapter.at(index, name, gradients) } : { weight: gradients.ranges(w[name]) },
        tile,
      );
    // Below the first layer of a frozen model nothing is trained.
    const isLowest = frozen && index === 0;
    return [
      ...linearGradient('down', d.residual, s.activated, d.activated),
      layers.swigluGradient(config.intermediateSize, rows, s.gateUp, d.activated, d.gateUp),
      ...linearGradient('gateUp', d.gateUp, s.postNormed, d.normed),
      ...normGradient('post norm', s.middle, w.postNorm, s.postRstd, d.normed),
      ...linearGradient('output', d.residual, s.attended, d.attended),
      ...attentionGradient(
        model.gpu,
        shape,
        rows,
        { qk: s.qk, qkv: s.qkv, lse: s.lse, o: s.attended, segments },
        d.attended,
        d.delta,
        d.qk,
        d.qkv,
      ),
      ...layers.ropeGradient(shape, rows, d.qk, angles, positions, d.qkv, norm),
      ...(w.qkvBias && !frozen
        ? columnSum(
            'qkv bias',
            linearShapes(config).qkv.outputs,
            rows,
            d.qkv,
            d.partials,
            gradients.bind(w.qkvBias),
          )
        : []),
      ...linearGradient('qkv', d.qkv, s.normed, isLowest ? undefined : d.normed),
      ...(isLowest ? [] : normGradient('input norm', layerInput(a, index), w.inputNorm, s.rstd, d.normed)),
    ];
  };

  const last = a.layers.at(-1)?.out ?? a.batch.embedded;
  const table = frozen ? [] : gradients.ranges(layout.embedding);
  const recomputed = a.size.kept === 'inputs';
  return [
    ...lossGradient(model, a, d, frozen ? undefined : gradients),
    ...normGradient('final norm', last, layout.finalNorm, a.batch.finalRstd, d.normed, false),
    ...layout.layers.toReversed().flatMap((_, i) => {
      const index = layout.layers.length - 1 - i;
      // What the last layer computed is still there.
      return [
        ...(recomputed && i > 0 ? layerForward(model, adapter, a, index, false) : []),
        ...layerGradient(index),
      ];
    }),
    ...table.map((range) =>
      layers.embeddingGradient(
        hidden,
        a.uniform,
        (sizes) => sizes.usedIds,
        d.used,
        d.order,
        d.residual,
        range.binding,
        tablePart(table, range),
      ),
    ),
  ];
}

/** From the loss to the LM head's gradient and to that of the final norm's output. */
function lossGradient(
  model: Model,
  a: Activations,
  d: GradientBuffers,
  gradients: ParameterArray | undefined,
): Dispatch[] {
  const { hiddenSize: hidden, vocabSize } = model.config;
  const { logits, targets, stats, finalNormed } = a.batch;
  const tile = chooseTile(model.gpu, a.size.capacity);
  const parts = headParts(model, a);
  const ranges = gradients?.ranges(model.layout.lmHead) ?? [];
  const partGradients = a.partUniforms.length ? vocabularyParts(ranges) : ranges;
  const isKept = a.lossUniforms.length * parts.length === 1;
  return a.lossUniforms.flatMap((_, chunk) => {
    const rows = chunkRows(a, chunk);
    const of = (buffer: GPUBuffer, width: number) => chunkOf(a, buffer, chunk, width);
    const coefficients = of(d.coefficients, 2);
    return parts.flatMap((head, i) => [
      ...(isKept ? [] : [logitsDispatch(model, a, chunk, head)]),
      a.partUniforms.length
        ? tokenLossPartGradient(
            { uniform: a.partUniforms[i], width: head.rows },
            rows,
            logits,
            of(targets, 1),
            of(stats, 4),
            coefficients,
          )
        : tokenLossGradient(vocabSize, rows, logits, of(targets, 1), of(stats, 4), coefficients),
      ...projectionGradient(
        {
          label: 'lm head',
          shape: { outputs: head.rows, inputs: hidden },
          weight: [{ ...head, first: 0 }],
        },
        rows,
        {
          dy: logits,
          x: of(finalNormed, hidden),
          dx: of(d.normed, hidden),
          ...{ partials: d.partials, h: d.h, dh: d.h },
        },
        { weight: gradients && [{ ...partGradients[i], first: 0 }] },
        tile,
        i > 0,
      ),
    ]);
  });
}
