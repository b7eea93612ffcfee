/** What a checkpoint holds of the model: all of its parameters, or an adapter. */
import { adapterFiles, adapterTensors, mergeInto } from '../model/adapter-files';
import type { ModelConfig } from '../model/config';
import type { ModelFiles } from '../model/directory';
import { parameterLayout, unflatten } from '../model/layout';
import { adapterLayout, type LoraConfig } from '../model/lora';
import type { Tensor } from '../model/safetensors';
import { WEIGHTS_FILE } from '../model/shards';
import { BYTES, entryOf, toFloat32, type WeightEntry, type WeightSource } from '../model/weights';
import { StoreError, type Checkpoint, type RunStore, type StoredCheckpoint } from '../store/types';
import type { Experiment } from './schema';
import { loraOf } from './schema/training';

type Training = Experiment['training'];

/** Whether the checkpoint is of this model, trained in this way. */
export function isCheckpointOf(
  config: ModelConfig,
  training: Training,
  { arrays }: Pick<Checkpoint, 'arrays'>,
): boolean {
  const lora = loraOf(training);
  return lora
    ? arrays.adapter?.length === adapterLayout(config, lora).size
    : arrays.params?.length === parameterLayout(config).size;
}

/**
 * The parameters of a checkpoint that trains all of them, by their Hugging Face names.
 * @throws StoreError when it is of another model
 */
export function parameterTensors(config: ModelConfig, { step, arrays }: Checkpoint): Map<string, Tensor> {
  const layout = parameterLayout(config);
  if (arrays.params?.length !== layout.size) throw ofAnother(step);
  return unflatten(layout, arrays.params);
}

const ofAnother = (step: number) =>
  new StoreError(
    `The checkpoint of step ${step} is not of the model that its experiment names. It is kept. Bring back the model that the run began with.`,
  );

/** The arrays of a checkpoint that are the model. */
const MODEL_ARRAYS = ['params', 'adapter'];

/** What a run has learnt. */
export interface TrainedModel {
  /** Of its checkpoint. */
  step: number;
  /** What is wrong with a newer checkpoint. */
  warning?: string;
  /** All parameters in F32, an adapter merged into the weights it was trained beside; read from where they lie. */
  weights: WeightSource;
  /** PEFT's files of the adapter; none when the whole model was trained. */
  adapter: { name: string; bytes: Uint8Array<ArrayBuffer> }[];
}

/**
 * A run's newest checkpoint as a model, of which no more than an adapter is in memory.
 * @param model that the run began with
 * @returns undefined when the run has no checkpoint yet
 * @throws StoreError when it is of another model, or cannot be read
 */
export async function openTrained(
  store: RunStore,
  runId: string,
  model: ModelFiles,
  experiment: Experiment,
): Promise<TrainedModel | undefined> {
  const checkpoint = await store.openCheckpoint(runId, MODEL_ARRAYS);
  if (!checkpoint) return undefined;
  const { step, warning, lengths } = checkpoint;
  const lora = loraOf(experiment.training);
  const size = (lora ? adapterLayout(model.config, lora) : parameterLayout(model.config)).size;
  if (lengths[lora ? 'adapter' : 'params'] !== size) throw ofAnother(step);
  if (!lora) return { step, warning, weights: storedWeights(model.config, checkpoint), adapter: [] };
  const adapter = await checkpoint.read('adapter', 0, size);
  return {
    ...{ step, warning },
    weights: mergedWeights(model, lora, adapter),
    adapter: trainedAdapter(model.config, experiment, { arrays: { adapter } }),
  };
}

function storedWeights(config: ModelConfig, checkpoint: StoredCheckpoint): WeightSource {
  const { parts } = parameterLayout(config);
  return float32Weights(config, (name, begin, end) => {
    const { offset } = parts.get(name)!;
    return checkpoint.read('params', offset + begin, offset + end);
  });
}

function mergedWeights({ config, weights }: ModelFiles, lora: LoraConfig, flat: Float32Array): WeightSource {
  const adapter = adapterTensors(config, lora, flat);
  return float32Weights(config, async (name, begin, end) => {
    const { dtype, shape } = entryOf(weights, name);
    const bytes = await weights.read(name, begin * BYTES[dtype], end * BYTES[dtype]);
    return mergeInto({ name, shape }, { offset: begin, values: toFloat32(bytes, dtype) }, adapter, lora);
  });
}

/** @param read the values of a parameter from `begin` to before `end` */
function float32Weights(
  config: ModelConfig,
  read: (name: string, begin: number, end: number) => Promise<Float32Array>,
): WeightSource {
  const entries = new Map<string, WeightEntry>();
  for (const { name, shape, size } of parameterLayout(config).parts.values())
    entries.set(name, { name, shape, dtype: 'F32', file: WEIGHTS_FILE, bytes: size * BYTES.F32 });
  return {
    entries,
    async read(name, begin = 0, end = entryOf({ entries }, name).bytes) {
      const { buffer, byteOffset, byteLength } = await read(name, begin / BYTES.F32, end / BYTES.F32);
      return new Uint8Array(buffer, byteOffset, byteLength);
    },
  };
}

/** The checkpoint's adapter as PEFT's files; none when the whole model was trained. */
export function trainedAdapter(
  config: ModelConfig,
  { training, model }: Experiment,
  { arrays }: Pick<Checkpoint, 'arrays'>,
): { name: string; bytes: Uint8Array<ArrayBuffer> }[] {
  const lora = loraOf(training);
  return lora ? adapterFiles(config, lora, arrays.adapter, model.path) : [];
}
