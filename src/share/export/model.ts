/** The model directory of an export: the files of the lab's, but for a chat template that lets whole prompts through. */
import { GENERATION_CONFIG } from '../../model/directory';
import { INDEX_FILE } from '../../model/shards';
import { readRange, sizeOf, type FileSource } from '../../model/source';
import type { WeightSource } from '../../model/weights';
import type { TextFile } from './types';

/** `data/` holds whole prompts, beginning-of-sequence token included: nothing is put around them. */
const PASS_THROUGH = "{% for message in messages %}{{ message['content'] }}{% endfor %}";

/** `model/tokenizer_config.json`, in place of the model's own and of its chat_template.jinja. */
export const tokenizerConfigFile = (tokenizerConfig: unknown): TextFile => ({
  path: 'model/tokenizer_config.json',
  text: `${JSON.stringify({ ...Object(tokenizerConfig), chat_template: PASS_THROUGH }, null, 2)}\n`,
});

/** Which files of a model directory go along as they are. */
export async function copiedFiles(source: FileSource, { entries }: WeightSource): Promise<string[]> {
  const weights = [...new Set([...entries.values()].map(({ file }) => file))];
  const optional = [GENERATION_CONFIG, INDEX_FILE];
  const there = await Promise.all(optional.map(async (name) => (await source.size(name)) !== undefined));
  return ['config.json', 'tokenizer.json', ...optional.filter((_, i) => there[i]), ...weights];
}

const CHUNK = 2 ** 24;

/** The bytes of a file, a chunk at a time. @throws ModelFileError */
export async function* chunksOf(source: FileSource, name: string): AsyncGenerator<Uint8Array> {
  const size = await sizeOf(source, name);
  for (let begin = 0; begin < size; begin += CHUNK)
    yield readRange(source, name, begin, Math.min(size, begin + CHUNK));
}
