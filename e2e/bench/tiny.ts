/** The model that the lab ships, fetched from the bench's server. */
import { parseModelConfig, type ModelConfig } from '../../src/model/config';
import {
  readJson,
  readModelDirectory,
  type FileReader,
  type ModelDirectory,
} from '../../src/model/directory';

const read: FileReader = async (name) => {
  const response = await fetch(`/models/tiny-countdown/${name}`);
  if (!response.ok) throw new Error(`HTTP status ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
};

export const tinyConfig = async (): Promise<ModelConfig> =>
  parseModelConfig(await readJson(read, 'config.json'));

export const tinyModel = (): Promise<ModelDirectory> => readModelDirectory(read);
