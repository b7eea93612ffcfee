/** Causal attention over packed tokens, forward and backward. */
import attentionWgsl from '../../../shaders/attention.wgsl?raw';
import attentionDkvWgsl from '../../../shaders/attention_dkv.wgsl?raw';
import attentionDqWgsl from '../../../shaders/attention_dq.wgsl?raw';
import type { Gpu } from '../device';
import type { Binding, Dispatch, Sizes } from '../program';
import { headConstants, type HeadShape } from './layers';
import { canBroadcast, type Rows } from './matmul';

/** Consecutive tokens that a thread owns: as many as its registers hold. */
const ownedTokens = ({ headDim }: HeadShape): number => (headDim <= 32 ? 2 : 1);

/** A head's vectors of four as PARTS × LANES; with LANES threads sharing the loads where the device can. */
function constantsOf(gpu: Gpu, shape: HeadShape) {
  const broadcast = canBroadcast(gpu) && shape.headDim % 16 === 0;
  const lanes = broadcast ? 4 : 1;
  return { ...headConstants(shape), BROADCAST: broadcast, LANES: lanes, PARTS: shape.headDim / 4 / lanes };
}

/** Workgroups of 32 threads, each thread owning several tokens of one head. */
const perOwner = (rows: Rows, shape: HeadShape, heads: number) => (sizes: Sizes) =>
  [Math.ceil(rows.count(sizes) / (32 * ownedTokens(shape))), heads] as const;

/** Causal attention within segments; `segments` holds [begin, end) for each token. */
export function attention(
  gpu: Gpu,
  shape: HeadShape,
  rows: Rows,
  qk: Binding,
  qkv: Binding,
  segments: Binding,
  o: Binding,
  lse: Binding,
): Dispatch {
  return {
    label: 'attention',
    source: attentionWgsl,
    constants: { ...constantsOf(gpu, shape), QUERIES: ownedTokens(shape) },
    bindings: [rows.uniform, qk, qkv, segments, o, lse],
    grid: perOwner(rows, shape, shape.heads),
  };
}

/** Gradients of `attention`: q and k into `dqk`, v into the v part of `dqkv`. `delta` is scratch [T, heads]. */
export function attentionGradient(
  gpu: Gpu,
  shape: HeadShape,
  rows: Rows,
  saved: { qk: Binding; qkv: Binding; segments: Binding; o: Binding; lse: Binding },
  dO: Binding,
  delta: Binding,
  dqk: Binding,
  dqkv: Binding,
): Dispatch[] {
  const { qk, qkv, segments, o, lse } = saved;
  const owned = ownedTokens(shape);
  return [
    {
      label: 'attention dq',
      source: attentionDqWgsl,
      constants: { ...constantsOf(gpu, shape), QUERIES: owned },
      bindings: [rows.uniform, qk, qkv, segments, o, dO, lse, dqk, delta],
      grid: perOwner(rows, shape, shape.heads),
    },
    {
      label: 'attention dk, dv',
      source: attentionDkvWgsl,
      constants: { ...constantsOf(gpu, shape), KEYS: owned },
      bindings: [rows.uniform, qk, qkv, segments, dO, lse, delta, dqk, dqkv],
      grid: perOwner(rows, shape, shape.kvHeads),
    },
  ];
}
