import type { Gpu } from '../../src/gpu/device';
import { packSequences } from '../../src/model/batch';
import { Decoder } from '../../src/model/decoder';
import { Model } from '../../src/model/model';
import { initParameters } from '../../src/model/parameters';
import { Trainer } from '../../src/model/trainer';
import { Random } from '../../src/random';
import { tinyConfig } from './tiny';

const STEPS = 200;
const WARM_UP = 40;
const STEPS_A_ROLLOUT = 5;
const SEQUENCES = 8;
const LENGTH = 24;
/** What the engine keeps of a loop may not grow; compiled code and caches of the JavaScript engine move by less than this. */
const HEAP_NOISE = 128 * 1024;

interface ChromiumGlobals {
  gc: () => void;
  performance: { memory: { usedJSHeapSize: number } };
}

/** Wrappers of GPU objects go only in a later task than the JavaScript that held them. */
async function heapBytes(): Promise<number> {
  const { gc, performance } = globalThis as unknown as ChromiumGlobals;
  for (let i = 0; i < 4; i++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return performance.memory.usedJSHeapSize;
}

/** Bytes on the GPU and in the JavaScript heap before and after many training steps, with a rollout every few. */
export async function benchGrowth(gpu: Gpu) {
  const config = await tinyConfig();
  const random = new Random(0);
  const model = new Model(gpu, config);
  model.upload(initParameters(config, random), 'random weights');
  const trainer = new Trainer(model, SEQUENCES * LENGTH, LENGTH);
  const decoder = new Decoder(model, { slots: SEQUENCES, maxLength: LENGTH });
  await Promise.all([trainer.prepare(), decoder.prepare()]);
  const adamw = {
    learningRate: 1e-4,
    beta1: 0.9,
    beta2: 0.99,
    epsilon: 1e-8,
    weightDecay: 0,
    maxGradNorm: 1,
  };
  const prompt = [1, 3, 4];
  const requests = Array.from({ length: SEQUENCES }, (_, stream) => ({ prompt, stream }));
  const limits = { maxNewTokens: LENGTH - prompt.length, stopIds: [], bannedIds: [] };

  const rollout = async (seed: number) => {
    const sampling = { temperature: 1, topK: 0, topP: 1, seed, stream: 0 };
    const completions = await decoder.generate(requests, sampling, limits);
    return packSequences(
      completions.map(({ tokens }) => ({ ids: [...prompt, ...tokens], promptLength: prompt.length })),
    );
  };
  let batch = await rollout(0);
  const step = async (i: number) => {
    if (i % STEPS_A_ROLLOUT === 0) batch = await rollout(i);
    trainer.zeroGradients();
    trainer.forward(batch);
    const { logp } = await trainer.stats();
    trainer.backward(Float32Array.from({ length: 2 * logp.length }, (_, n) => (n % 2 === 0 ? -1e-3 : 0)));
    trainer.step(adamw);
    await trainer.gradNorm();
  };
  for (let i = 0; i < WARM_UP; i++) await step(i);
  const before = { gpu: gpu.allocatedBytes, heap: await heapBytes() };
  for (let i = 0; i < STEPS; i++) await step(WARM_UP + i);
  const after = { gpu: gpu.allocatedBytes, heap: await heapBytes() };
  for (const part of [decoder, trainer, model]) part.destroy();
  return {
    steps: STEPS,
    gpuBytes: { before: before.gpu, after: after.gpu, target: 'no growth', met: after.gpu <= before.gpu },
    heapBytes: {
      before: before.heap,
      after: after.heap,
      target: `≤ ${HEAP_NOISE} more`,
      met: after.heap - before.heap <= HEAP_NOISE,
    },
  };
}
