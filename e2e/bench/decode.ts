import type { Gpu } from '../../src/gpu/device';
import type { LinearShape } from '../../src/gpu/kernels/matmul';
import { Decoder } from '../../src/model/decoder';
import { linearShapes } from '../../src/model/layout';
import { Model } from '../../src/model/model';
import { initParameters } from '../../src/model/parameters';
import { Random } from '../../src/random';
import { launches } from './device';
import { countDispatches } from './dispatches';
import { atLeast, atMost, figure, interleave, median, rounded, type Contestant, type Peak } from './harness';
import { LinearBench, operations } from './matmul';
import { tinyConfig } from './tiny';

const SIDE_BY_SIDE = 64;
/** Tokens of a typical response with its prompt. */
const LENGTH = 96;
const SAMPLING = { temperature: 1, topK: 0, topP: 1, seed: 0, stream: 0 };
/** Where the engine's arithmetic is fastest, and the largest matrix of a step. */
const LARGE = { name: 'large', tokens: 2048, inputs: 512, outputs: 512 };
const GATE_UP = { name: 'gate, up', tokens: SIDE_BY_SIDE, inputs: 64, outputs: 320 };

/** Every sequence decodes to the full length: nothing stops it. */
async function decoding(model: Model, slots: number): Promise<{ run: Contestant; decoder: Decoder }> {
  const decoder = new Decoder(model, { slots, maxLength: LENGTH });
  await decoder.prepare();
  // Of one token: nothing is prefilled, all are steps.
  const requests = Array.from({ length: slots }, (_, stream) => ({ prompt: [3], stream }));
  const limits = { maxNewTokens: LENGTH, stopIds: [], bannedIds: [] };
  const run: Contestant = async (n) => {
    for (let i = 0; i < n; i++) await decoder.generate(requests, SAMPLING, limits);
  };
  return { run, decoder };
}

/** Multiply-adds of a step, averaged over the positions 0 … LENGTH − 2, × 2. */
function stepOperations(model: Model, rows: number): number {
  const { qkv, output, gateUp, down } = linearShapes(model.config);
  const size = ({ inputs, outputs }: LinearShape) => inputs * outputs;
  const { numHiddenLayers: layers, numAttentionHeads: heads, headDim, vocabSize, hiddenSize } = model.config;
  const attention = 2 * heads * headDim * (LENGTH / 2);
  const layer = [qkv, output, gateUp, down].reduce((sum, shape) => sum + size(shape), attention);
  return 2 * rows * (layers * layer + vocabSize * hiddenSize);
}

/**
 * 64 sequences side by side against one. What a step should cost is its arithmetic at the rate of one of the engine's own
 * matrix products plus its launches, measured in the same rounds.
 */
export async function benchDecode(gpu: Gpu, peak: Peak, rounds: number) {
  const config = await tinyConfig();
  const model = new Model(gpu, config);
  model.upload(initParameters(config, new Random(0)), 'random weights');
  const many = await decoding(model, SIDE_BY_SIDE);
  const one = await decoding(model, 1);
  const large = new LinearBench(gpu, LARGE);
  const gateUp = new LinearBench(gpu, GATE_UP);
  const result = await interleave(peak, rounds, {
    many: many.run,
    one: one.run,
    large: (await large.contestants()).NT,
    gateUp: (await gateUp.contestants()).NT,
    dispatch: (await launches(gpu)).dispatch,
  });
  const { dispatchCount } = many.decoder;
  const stepsSubmitted = (await countDispatches(() => many.run(1))) / dispatchCount;
  for (const part of [many.decoder, one.decoder, large, gateUp, model]) part.destroy();

  const steps = LENGTH - 1;
  const perStep = (name: 'many' | 'one') => figure(result.of(name).map((r) => r[name].ms / steps));
  const ratio = figure(result.of('many', 'one').map((r) => (SIDE_BY_SIDE * r.one.ms) / r.many.ms));
  const cost = (product: 'large' | 'gateUp', key: 'ms' | 'gpuProcessMs') => {
    const ratios = result.of('many', product, 'dispatch').map((round) => {
      const share = stepOperations(model, SIDE_BY_SIDE) / operations(product === 'large' ? LARGE : GATE_UP);
      const expected = share * round[product][key] + dispatchCount * round.dispatch[key];
      return round.many[key] / steps / expected;
    });
    return { ...figure(ratios), ...atMost(median(ratios), 2) };
  };
  const costs = (key: 'ms' | 'gpuProcessMs') => ({
    atRateOfLargeProduct: cost('large', key),
    atRateOfGateUp: cost('gateUp', key),
  });
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
    products: {
      large: result.rate('large', operations(LARGE)),
      gateUp: result.rate('gateUp', operations(GATE_UP)),
    },
    timesArithmeticAndLaunches: {
      ...costs('ms'),
      ...(gpu.kind !== 'hardware' && { inGpuProcessTime: costs('gpuProcessMs') }),
    },
  };
}
