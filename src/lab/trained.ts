/** What a checkpoint holds of the model: all of its parameters, or an adapter. */
import { adapterFiles, adapterTensors, mergeInto } from '../model/adapter-files';
import type { ModelConfig } from '../model/config';
import type { ModelFiles } from '../model/directory';
import { parameterLayout, unflatten } from '../model/layout';
import { adapterLayout } from '../model/lora';
import type { Tensor } from '../model/safetensors';
import { readTensor } from '../model/weights';
import { StoreError, type Checkpoint } from '../store/types';
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

/**
 * The parameters of a checkpoint by their Hugging Face names; an adapter merged into the weights it was trained beside.
 * @param model that the run began with
 * @throws StoreError when the checkpoint is of another model; ModelFileError
 */
export async function trainedTensors(
  { config, weights }: ModelFiles,
  training: Training,
  checkpoint: Checkpoint,
): Promise<Map<string, Tensor>> {
  const lora = loraOf(training);
  if (!lora) return parameterTensors(config, checkpoint);
  if (!isCheckpointOf(config, training, checkpoint)) throw ofAnother(checkpoint.step);
  const layout = parameterLayout(config);
  const adapter = adapterTensors(config, lora, checkpoint.arrays.adapter);
  const merged = new Map<string, Tensor>();
  for (const name of layout.parts.keys())
    merged.set(name, mergeInto(await readTensor(weights, name), adapter, lora));
  return merged;
}

/** The checkpoint's adapter as PEFT's files; none when the whole model was trained. */
export function trainedAdapter(
  config: ModelConfig,
  { training, model }: Experiment,
  { arrays }: Checkpoint,
): { name: string; bytes: Uint8Array<ArrayBuffer> }[] {
  const lora = loraOf(training);
  return lora ? adapterFiles(config, lora, arrays.adapter, model.path) : [];
}
