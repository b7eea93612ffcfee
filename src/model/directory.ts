/** A Hugging Face model directory: its configuration, weights and tokenizer, checked against each other. */
import { z } from 'zod';
import { parseModelConfig, type ModelConfig } from './config';
import { ModelFileError } from './errors';
import { checkEntries } from './parameters';
import { INDEX_FILE, openWeights, WEIGHTS_FILE } from './shards';
import { readJson, readText, type FileSource } from './source';
import type { WeightSource } from './weights';

/** What computes: the configuration, and weights that fit it by name and shape. */
export interface ModelFiles {
  config: ModelConfig;
  weights: WeightSource;
}

export interface ModelDirectory extends ModelFiles {
  /** Contents of tokenizer.json. */
  tokenizer: unknown;
  /** Contents of tokenizer_config.json, with the template of chat_template.jinja where there is that file. */
  tokenizerConfig: unknown;
}

/**
 * Opens a model with its tokenizer. The values of the weights are neither read nor checked yet.
 * @throws ModelFileError naming the file at fault, UnsupportedModelError for another architecture
 */
export async function openModelDirectory(source: FileSource): Promise<ModelDirectory> {
  const model = await openModel(source);
  const tokenizer = await readJson(source, 'tokenizer.json');
  const tokenizerConfig = await readJson(source, 'tokenizer_config.json');
  const template = await optional(source, CHAT_TEMPLATE, readText);
  return {
    ...model,
    tokenizer,
    tokenizerConfig:
      template === undefined ? tokenizerConfig : { ...Object(tokenizerConfig), chat_template: template },
  };
}

/** Without the tokenizer. @throws ModelFileError naming the file at fault, UnsupportedModelError */
export async function openModel(source: FileSource): Promise<ModelFiles> {
  const config = parseModelConfig(await readJson(source, 'config.json'));
  const stops = generationStops(await optional(source, GENERATION_CONFIG, readJson), config);
  const weights = await openWeights(source);
  checkEntries(
    config,
    weights.entries,
    (await source.size(WEIGHTS_FILE)) === undefined ? INDEX_FILE : WEIGHTS_FILE,
  );
  return { config: { ...config, eosTokenIds: [...new Set([...config.eosTokenIds, ...stops])] }, weights };
}

export const CHAT_TEMPLATE = 'chat_template.jinja';
export const GENERATION_CONFIG = 'generation_config.json';

const tokenId = z.int().min(0);
const generationSchema = z.looseObject({
  eos_token_id: z.union([tokenId, z.array(tokenId)]).nullish(),
});

/** Ids that end a response besides those of config.json: a chat model often has two. @throws ModelFileError */
function generationStops(json: unknown, { vocabSize }: ModelConfig): number[] {
  if (json === undefined) return [];
  const { success, data } = generationSchema.safeParse(json);
  const ids = success ? [data.eos_token_id ?? []].flat() : [-1];
  const wrong = ids.some((id) => id < 0 || id >= vocabSize);
  if (wrong)
    throw new ModelFileError(
      GENERATION_CONFIG,
      `its eos_token_id is no token id, or list of them, below ${vocabSize}`,
      'Correct it, or take the file away: config.json has an eos_token_id too.',
    );
  return ids;
}

async function optional<T>(
  source: FileSource,
  name: string,
  read: (source: FileSource, name: string) => Promise<T>,
): Promise<T | undefined> {
  return (await source.size(name).catch(() => undefined)) === undefined ? undefined : read(source, name);
}
