/** The model that the lab ships, fetched from the bench's server. */
import { parseModelConfig, type ModelConfig } from '../../src/model/config';
import { openModelDirectory, type ModelDirectory } from '../../src/model/directory';
import { httpSource } from '../../src/model/http-source';
import { readJson } from '../../src/model/source';

const source = httpSource(new URL('/models/tiny-countdown/', location.href));

export const tinyConfig = async (): Promise<ModelConfig> =>
  parseModelConfig(await readJson(source, 'config.json'));

export const tinyModel = (): Promise<ModelDirectory> => openModelDirectory(source);
