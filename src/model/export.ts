/** A trained model as a Hugging Face directory that transformers loads as it is. */
import type { ModelConfig } from './config';
import { parseModelConfig } from './config';
import { CHAT_TEMPLATE, GENERATION_CONFIG } from './directory';
import { ModelFileError } from './errors';
import { checkEntries } from './parameters';
import { streamedSafetensors } from './safetensors';
import { WEIGHTS_FILE } from './shards';
import { readJson, readText, type FileSource } from './source';
import type { WeightSource } from './weights';

/** The types in which weights are written, under the names of transformers. */
export const EXPORT_TYPES = ['float32', 'bfloat16'] as const;
export type ExportType = (typeof EXPORT_TYPES)[number];

export interface ExportedFile {
  name: string;
  /** The parts of its contents, made as they are asked for. */
  parts: AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** As the base has them, where it does. */
const COPIED = ['tokenizer.json', 'tokenizer_config.json', CHAT_TEMPLATE, GENERATION_CONFIG];

/**
 * The files of a model whose weights were trained here: these weights, everything else as in the model that training began
 * with. Where that one has no generation_config.json one is made of its config.json, as transformers does.
 * The weights come last. They are read while they are written, so it is then that one that is not finite is found
 * (ModelFileError).
 * @param base the directory that training began with
 * @throws ModelFileError when a file of the base cannot be read, or the weights are not of its shapes
 */
export async function exportedFiles(
  base: FileSource,
  weights: WeightSource,
  type: ExportType,
): Promise<ExportedFile[]> {
  const text = await readText(base, 'config.json');
  const fields = await readJson(base, 'config.json');
  const config = parseModelConfig(fields);
  checkEntries(config, weights.entries, WEIGHTS_FILE);
  const files = [file('config.json', withType(text, Object(fields) as Fields, type))];
  let hasGeneration = false;
  for (const name of COPIED) {
    if ((await base.size(name)) === undefined) continue;
    files.push(file(name, await readText(base, name)));
    hasGeneration ||= name === GENERATION_CONFIG;
  }
  const required = ['tokenizer.json', 'tokenizer_config.json'].find(
    (name) => !files.some((f) => f.name === name),
  );
  if (required !== undefined)
    throw new ModelFileError(
      required,
      'the model that training began with lacks it',
      'Put it back and export again.',
    );
  if (!hasGeneration)
    files.push(file(GENERATION_CONFIG, toText(generationConfig(config, Object(fields) as Fields))));
  const dtype = type === 'float32' ? 'F32' : 'BF16';
  return [...files, exportedFile(WEIGHTS_FILE, () => streamedSafetensors(weights, dtype))];
}

type Fields = Record<string, unknown>;

/** config.json, untouched where the weights are of its type. */
function withType(
  text: string,
  { torch_dtype: older, dtype = older, ...others }: Fields,
  type: ExportType,
): string {
  return dtype === type ? text : toText({ ...others, dtype: type });
}

/** @param parts begins anew each time that the file is written */
export const exportedFile = (
  name: string,
  parts: () => Iterable<Uint8Array<ArrayBuffer>> | AsyncIterable<Uint8Array<ArrayBuffer>>,
): ExportedFile => ({
  name,
  parts: {
    async *[Symbol.asyncIterator]() {
      yield* parts();
    },
  },
});

const file = (name: string, text: string): ExportedFile =>
  exportedFile(name, () => [new TextEncoder().encode(text)]);
const toText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function generationConfig({ bosTokenId, eosTokenIds }: ModelConfig, fields: Fields): object {
  const [first, ...more] = eosTokenIds;
  return {
    _from_model_config: true,
    ...(bosTokenId !== null && { bos_token_id: bosTokenId }),
    ...(first !== undefined && { eos_token_id: more.length > 0 ? eosTokenIds : first }),
    ...(typeof fields.pad_token_id === 'number' && { pad_token_id: fields.pad_token_id }),
  };
}
