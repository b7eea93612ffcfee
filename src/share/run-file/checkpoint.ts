/**
 * A checkpoint as a Hugging Face model directory that transformers loads, and beside the weights what training goes on
 * with: `training_state.json` (step, counters, the order of the arrays) and `training_state.safetensors` (the arrays).
 */
import { z } from 'zod';
import type { Experiment } from '../../lab/schema';
import { isCheckpointOf, parameterTensors, trainedAdapter } from '../../lab/trained';
import { parseModelConfig } from '../../model/config';
import { ModelFileError, UnsupportedModelError } from '../../model/errors';
import { exportedFile, exportedFiles, type ExportedFile } from '../../model/export';
import { parameterLayout, type ParameterLayout } from '../../model/layout';
import { checkTensors } from '../../model/parameters';
import { readSafetensors, safetensorsParts, type Tensor } from '../../model/safetensors';
import { WEIGHTS_FILE } from '../../model/shards';
import { readJson, type FileSource } from '../../model/source';
import { tensorWeights } from '../../model/weights';
import { StoreError, type Checkpoint } from '../../store/types';
import { RunFileError } from './error';

const STATE = 'training_state.json';
const ARRAYS = 'training_state.safetensors';

const stateSchema = z.strictObject({
  step: z.int().min(0),
  counters: z.array(z.tuple([z.string(), z.number()])),
  /** In their order; `params` may lie in the model's weights alone. */
  arrays: z.array(z.string()).max(1000),
});

export interface CheckpointFiles {
  files: ExportedFile[];
  /** Why there is no model among them. */
  problem?: string;
}

/**
 * @param base the model that the run began with; without it, or where it does not fit, no model is written and the weights
 * lie among the arrays. An adapter lies there in any case, and beside them as PEFT has it.
 */
export async function checkpointFiles(
  checkpoint: Checkpoint,
  experiment: Experiment | undefined,
  base: FileSource | undefined,
): Promise<CheckpointFiles> {
  const { step, counters, arrays } = checkpoint;
  const { model, problem } = await modelFiles(checkpoint, experiment, base);
  const kept = Object.entries(arrays).filter(([name]) => !model || name !== 'params');
  const tensors = kept.map(([name, data]): Tensor => ({ name, shape: [data.length], data }));
  const state = { step, counters: Object.entries(counters), arrays: Object.keys(arrays) };
  return {
    problem,
    files: [
      ...(model ?? []),
      exportedFile(STATE, () => [new TextEncoder().encode(`${JSON.stringify(state, null, 2)}\n`)]),
      exportedFile(ARRAYS, () => safetensorsParts(tensors)),
    ],
  };
}

async function modelFiles(
  checkpoint: Checkpoint,
  experiment: Experiment | undefined,
  base: FileSource | undefined,
): Promise<{ model?: ExportedFile[]; problem?: string }> {
  if (!base || !experiment) return { problem: 'the model that the run began with is not here' };
  try {
    const config = parseModelConfig(await readJson(base, 'config.json'));
    if (!isCheckpointOf(config, experiment.training, checkpoint))
      return { problem: 'it is not of the model that its experiment names' };
    const { params } = checkpoint.arrays;
    if (!params) {
      const adapter = trainedAdapter(config, experiment, checkpoint);
      return { model: adapter.map(({ name, bytes }) => exportedFile(name, () => [bytes])) };
    }
    const tensors = parameterTensors(config, checkpoint);
    checkTensors(config, tensors, WEIGHTS_FILE);
    const model = await exportedFiles(base, tensorWeights(tensors, WEIGHTS_FILE), 'float32');
    return sameBits(flatten(parameterLayout(config), tensors), params)
      ? { model }
      : { problem: 'its weights hold more than the model has' };
  } catch (error) {
    const explained = [ModelFileError, UnsupportedModelError, StoreError].some(
      (type) => error instanceof type,
    );
    if (!explained) throw error;
    return { problem: (error as Error).message };
  }
}

/** Of one directory in the zip. */
export interface CheckpointSource {
  has(name: string): boolean;
  /** @throws RunFileError when it is not there, or damaged */
  bytes(name: string): Promise<Uint8Array>;
}

/**
 * The inverse of `checkpointFiles`, bit for bit.
 * @param where the directory's name, for messages
 * @throws RunFileError
 */
export async function readCheckpoint(files: CheckpointSource, where: string): Promise<Checkpoint> {
  const refuse = (why: string) => new RunFileError(`${where}: ${why}`);
  const state = stateSchema.safeParse(await json(files, STATE, where)).data;
  if (!state) throw refuse(`${STATE} is not what the lab writes there`);
  const tensors = safetensors(await files.bytes(ARRAYS), `${where}/${ARRAYS}`);
  const arrays: [string, Float32Array][] = [];
  for (const name of state.arrays) {
    const data = tensors.get(name)?.data;
    if (data) arrays.push([name, data]);
    else if (name === 'params' && files.has(WEIGHTS_FILE)) arrays.push([name, await params(files, where)]);
    else throw refuse(`the array “${name.slice(0, 60)}” is missing`);
  }
  return {
    step: state.step,
    arrays: Object.fromEntries(arrays),
    counters: Object.fromEntries(state.counters),
  };
}

async function params(files: CheckpointSource, where: string): Promise<Float32Array> {
  const config = await json(files, 'config.json', where);
  const tensors = safetensors(await files.bytes(WEIGHTS_FILE), `${where}/${WEIGHTS_FILE}`);
  try {
    return flatten(parameterLayout(parseModelConfig(config)), tensors);
  } catch (error) {
    throw new RunFileError(`${where}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** @throws RangeError when a tensor is missing, or not of the layout's size */
function flatten({ size, blocks }: ParameterLayout, tensors: ReadonlyMap<string, Tensor>): Float32Array {
  const parts = blocks.flatMap((block) => block.parts);
  const fitting = parts.map((part) => {
    const data = tensors.get(part.name)?.data;
    if (data?.length !== part.size)
      throw new RangeError(
        `the tensor ${part.name} is missing, or not of the size that config.json gives it`,
      );
    return { offset: part.offset, data };
  });
  // Not before every tensor is known to be there: a configuration may claim any size.
  const flat = new Float32Array(size);
  for (const { offset, data } of fitting) flat.set(data, offset);
  return flat;
}

function sameBits(a: Float32Array, b: Float32Array): boolean {
  const [x, y] = [a, b].map(({ buffer, byteOffset, length }) => new Uint32Array(buffer, byteOffset, length));
  return x.length === y.length && x.every((word, i) => word === y[i]);
}

async function json(files: CheckpointSource, name: string, where: string): Promise<unknown> {
  const bytes = await files.bytes(name);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    throw new RunFileError(`${where}/${name} is not JSON`);
  }
}

function safetensors(bytes: Uint8Array, name: string): Map<string, Tensor> {
  try {
    return readSafetensors(bytes, name);
  } catch (error) {
    throw new RunFileError(error instanceof Error ? error.message : String(error));
  }
}
