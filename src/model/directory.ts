/** A Hugging Face model directory, wherever it is: a folder, a web server, a person's files. */
import { parseModelConfig, type ModelConfig } from './config';
import { ModelFileError } from './errors';
import { checkTensors } from './parameters';
import { readSafetensors, type Tensor } from './safetensors';

/** Reads one file of the directory; rejects when it is not there. */
export type FileReader = (name: string) => Promise<Uint8Array>;

/** What computes: the configuration, and the parameters that fit it. */
export interface ModelFiles {
  config: ModelConfig;
  tensors: Map<string, Tensor>;
}

export interface ModelDirectory extends ModelFiles {
  /** Contents of tokenizer.json and tokenizer_config.json. */
  tokenizer: unknown;
  tokenizerConfig: unknown;
}

/** @throws ModelFileError naming the file at fault, UnsupportedModelError for another architecture */
export async function readModelDirectory(read: FileReader): Promise<ModelDirectory> {
  const model = await readModel(read);
  const tokenizer = await readJson(read, 'tokenizer.json');
  const tokenizerConfig = await readJson(read, 'tokenizer_config.json');
  return { ...model, tokenizer, tokenizerConfig };
}

/** Without the tokenizer. @throws ModelFileError naming the file at fault, UnsupportedModelError */
export async function readModel(read: FileReader): Promise<ModelFiles> {
  const config = parseModelConfig(await readJson(read, 'config.json'));
  const weights = 'model.safetensors';
  const tensors = readSafetensors(await readFile(read, weights), weights);
  checkTensors(config, tensors, weights);
  return { config, tensors };
}

async function readFile(read: FileReader, name: string): Promise<Uint8Array> {
  try {
    return await read(name);
  } catch (error) {
    throw new ModelFileError(
      name,
      `it cannot be read (${String(error)})`,
      'A model directory holds config.json, model.safetensors, tokenizer.json and tokenizer_config.json.',
    );
  }
}

/** A JSON file of the directory. @throws ModelFileError */
export async function readJson(read: FileReader, name: string): Promise<unknown> {
  const bytes = await readFile(read, name);
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch (error) {
    throw new ModelFileError(name, `it is not JSON (${String(error)})`, 'Download or export the file again.');
  }
}
