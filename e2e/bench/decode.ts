import type { Gpu } from '../../src/gpu/device';
import type { LinearShape } from '../../src/gpu/kernels/matmul';
import { Decoder } from '../../src/model/decoder';
import { linearShapes } from '../../src/model/forward';
import { Model } from '../../src/model/model';
import { initParameters } from '../../src/model/parameters';
import { Random } from '../../src/random';
import { launches } from './device';
import { countDispatches } from './dispatches';
import { atLeast, atMost, figure, interleave, rounded, type Contestant, type Peak } from './harness';
import { LinearBench, operations } from './matmul';
import { tinyConfig } from './tiny';

const SIDE_BY_SIDE = 64;
/** Tokens of a typical response with its prompt. */
const LENGTH = 96;
const PROMPT = 12;
const SAMPLING = { temperature: 1, topK: 0, topP: 1, seed: 0, stream: 0 };
const LARGE = { name: 'large', tokens: 2048, inputs: 512, outputs: 512 };

/** Every sequence decodes to the full length: nothing stops it. */
async function decoding(model: Model, slots: number): Promise<{ run: Contestant; decoder: Decoder }> {
  const decoder = new Decoder(model, { slots, maxLength: LENGTH });
  await decoder.prepare();
  const prompt = Array.from({ length: PROMPT }, (_, i) => i + 3);
  const requests = Array.from({ length: slots }, (_, stream) => ({ prompt, stream }));
  const limits = { maxNewTokens: LENGTH, stopIds: [], bannedIds: [] };
  const run: Contestant = async (n) => {
    for (let i = 0; i < n; i++) await decoder.generate(requests, SAMPLING, limits);
  };
  return { run, decoder };
}

/** Multiply-adds of a step, averaged over the positions 0 … LENGTH − 2, × 2. */
function stepOperations(model: Model, rows: number): number {
  const { qkv, output, gateUp, down, lmHead } = linearShapes(model);
  const size = ({ inputs, outputs }: LinearShape) => inputs * outputs;
  const { numHiddenLayers: layers, numAttentionHeads: heads, headDim } = model.config;
  const attention = 2 * heads * headDim * (LENGTH / 2);
  const layer = [qkv, output, gateUp, down].reduce((sum, shape) => sum + size(shape), attention);
  return 2 * rows * (layers * layer + size(lmHead));
}

/**
 * 64 sequences side by side against one. What a step should cost is its arithmetic at the rate of the engine's own large
 * matrix product plus its launches, both measured in the same rounds.
 */
export async function benchDecode(gpu: Gpu, peak: Peak, rounds: number) {
  const config = await tinyConfig();
  const model = new Model(gpu, config);
  model.upload(initParameters(config, new Random(0)), 'random weights');
  const many = await decoding(model, SIDE_BY_SIDE);
  const one = await decoding(model, 1);
  const large = new LinearBench(gpu, LARGE);
  const result = await interleave(peak, rounds, {
    many: many.run,
    one: one.run,
    product: (await large.contestants()).NT,
    dispatch: (await launches(gpu)).dispatch,
  });
  const { dispatchCount } = many.decoder;
  const stepsSubmitted = (await countDispatches(() => many.run(1))) / dispatchCount;
  for (const part of [many.decoder, one.decoder, large, model]) part.destroy();

  const steps = LENGTH - 1;
  const perStep = (name: 'many' | 'one') => figure(result.of(name).map((r) => r[name].ms / steps));
  const ratio = figure(result.of('many', 'one').map((r) => (SIDE_BY_SIDE * r.one.ms) / r.many.ms));
  const cost = figure(
    result.of('many', 'product', 'dispatch').map((r) => {
      const arithmetic = (stepOperations(model, SIDE_BY_SIDE) / operations(LARGE)) * r.product.ms;
      return r.many.ms / steps / (arithmetic + dispatchCount * r.dispatch.ms);
    }),
  );
  const tokensPerSecond = (name: 'many' | 'one', rows: number) =>
    figure(result.of(name).map((r) => (rows * steps * 1000) / r[name].ms));
  return {
    model: 'tiny-countdown, random weights',
    length: LENGTH,
    sideBySide: {
      sequences: SIDE_BY_SIDE,
      msPerStep: perStep('many'),
      tokensPerSecond: tokensPerSecond('many', SIDE_BY_SIDE),
    },
    alone: { msPerStep: perStep('one'), tokensPerSecond: tokensPerSecond('one', 1) },
    timesMoreTokensSideBySide: { ...ratio, ...atLeast(ratio.median, 5) },
    dispatchesPerStep: dispatchCount,
    stepsSubmittedPerStepNeeded: rounded(stepsSubmitted / steps),
    engineProduct: result.rate('product', operations(LARGE)),
    timesArithmeticAndLaunches: { ...cost, ...atMost(cost.median, 2) },
  };
}
