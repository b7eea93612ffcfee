/** A model on the Hugging Face Hub: which of its files the lab needs, at which commit, and what they must hash to. */
import { HUB_URL, HubApiError, listFiles, modelInfo } from '@huggingface/hub';
import { INDEX_FILE, WEIGHTS_FILE } from '../../model/shards';

export { HUB_URL };

export interface HubAccess {
  /** Of the Hub itself unless given; a mirror speaks the same protocol. */
  hubUrl?: string;
  /** For private and gated models; "hf_…". */
  accessToken?: string;
  signal?: AbortSignal;
}

export interface HubFile {
  name: string;
  size: number;
  /** What its bytes hash to: SHA-256 for the large files (Git LFS), Git's own hash for the others. */
  hash: { algorithm: 'sha256' | 'git'; hex: string };
}

export interface HubModel {
  /** "owner/name". */
  id: string;
  /** The commit: files of two commits are never mixed. */
  revision: string;
  files: readonly HubFile[];
}

/** The Hub, or the way to it, refused or lost something; the message says what is kept and what to do. */
export class HubError extends Error {
  override name = 'HubError';
}

const TEXTS = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'chat_template.jinja',
];
const REQUIRED = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];
const SHARD = /^[\w-][\w.-]*\.safetensors$/;
const MODEL_ID = /^[\w.-]{1,96}\/[\w.-]{1,96}$/;

/** The files of a model directory among those of a folder; undefined where there are no weights to read. */
export function neededFiles(names: readonly string[]): string[] | undefined {
  const texts = names.filter((name) => TEXTS.includes(name));
  if (names.includes(WEIGHTS_FILE)) return [...texts, WEIGHTS_FILE];
  if (!names.includes(INDEX_FILE)) return undefined;
  return [...texts, INDEX_FILE, ...names.filter((name) => SHARD.test(name))];
}

/**
 * Asks the Hub for a model.
 * @param id "owner/name"
 * @param revision branch, tag or commit
 * @throws HubError when there is no such model, it may not be read, or it is not one that the lab can use
 */
export async function findModel(id: string, revision: string, access: HubAccess = {}): Promise<HubModel> {
  if (!MODEL_ID.test(id))
    throw new HubError(
      `“${id.slice(0, 200)}” is not the name of a model on the Hub. Nothing was downloaded. It has the form owner/name.`,
    );
  if (access.accessToken !== undefined && !access.accessToken.startsWith('hf_'))
    throw new HubError('An access token of the Hub begins with “hf_”. Nothing was downloaded.');
  const { signal, ...settings } = access;
  const request = {
    ...settings,
    fetch: (url: string | URL | Request, init?: RequestInit) => fetch(url, { ...init, signal }),
  };
  try {
    const { sha } = await modelInfo({ ...request, name: id, revision, additionalFields: ['sha'] });
    const entries = new Map<string, HubFile>();
    for await (const entry of listFiles({ ...request, repo: { type: 'model', name: id }, revision: sha })) {
      const { type, path: name, oid, lfs, size } = entry;
      if (type !== 'file' || oid === undefined) continue;
      const hash = lfs
        ? ({ algorithm: 'sha256', hex: lfs.oid } as const)
        : ({ algorithm: 'git', hex: oid } as const);
      entries.set(name, { name, size: lfs?.size ?? size, hash });
    }
    return { id, revision: sha, files: needed(id, entries) };
  } catch (error) {
    throw explained(error, id, access);
  }
}

/** @throws HubError */
function needed(id: string, entries: ReadonlyMap<string, HubFile>): HubFile[] {
  const names = [...entries.keys()];
  const missing = REQUIRED.filter((name) => !entries.has(name));
  if (missing.length > 0)
    throw new HubError(
      `${id} holds no ${missing.join(', no ')}, so it is not a model that the lab can use. Nothing was downloaded. Choose one with the files that transformers writes.`,
    );
  const files = neededFiles(names);
  if (!files)
    throw new HubError(
      `${id} holds no safetensors weights${names.some((n) => n.endsWith('.bin')) ? ', only pickled ones (.bin), which the lab does not open' : ''}. Nothing was downloaded. Choose a version with model.safetensors.`,
    );
  return files.map((name) => entries.get(name)!);
}

/** In a person's words; an abort stays as it is. */
export function explained(
  error: unknown,
  id: string,
  { accessToken, hubUrl = HUB_URL, signal }: HubAccess,
): unknown {
  if (error instanceof HubError || signal?.aborted) return error;
  const page = `${hubUrl}/${id}`;
  const status = error instanceof HubApiError ? error.statusCode : undefined;
  const say = (text: string) => new HubError(text, { cause: error });
  if (status === 401 && accessToken === undefined)
    return say(
      `The Hub does not give ${id} to everyone: it is gated, private or does not exist. What was downloaded before is kept. Check its name; for a gated model accept its terms at ${page} and enter an access token.`,
    );
  if (status === 401)
    return say(
      `The Hub does not accept this access token for ${id}. What was downloaded before is kept. Make a new one with the right to read, or check the model’s name.`,
    );
  if (status === 403)
    return say(
      `The account of this access token may not read ${id} yet. What was downloaded before is kept. Accept the model’s terms at ${page}, wait until access is given, and continue.`,
    );
  if (status === 404)
    return say(
      `There is no model ${id}, or not this version of it, at ${hubUrl}. Check the name and the revision.`,
    );
  if (status === 429)
    return say(
      'The Hub asks for fewer requests. What was downloaded is kept. Wait some minutes and continue.',
    );
  if (status !== undefined)
    return say(`The Hub answered with the error ${status}. What was downloaded is kept. Try again later.`);
  return say(
    `The Hub cannot be reached at ${hubUrl} (${error instanceof Error ? error.message : String(error)}). What was downloaded is kept. Check the connection and continue.`,
  );
}
