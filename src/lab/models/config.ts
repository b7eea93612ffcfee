import { parseModelConfig, type ModelConfig } from '../../model/config';
import { readJson } from '../../model/source';
import { namedSource } from './named';

/**
 * The configuration of the model that an experiment names, without its weights.
 * @param page the page's address
 * @throws as namedSource; ModelFileError, UnsupportedModelError
 */
export const namedConfig = async (name: string, page: string): Promise<ModelConfig> =>
  parseModelConfig(await readJson(await namedSource(name, page), 'config.json'));
