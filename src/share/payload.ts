/**
 * A JSON value as text that survives chats and mails: base64url of six bytes of SHA-256 and of the deflated JSON. What comes back is
 * the value that was packed, or an error: never something else, never more than a bounded amount of work.
 */
import { LinkError } from './error';

/** Characters of a packed value: what browsers and chats carry without trouble. */
export const MAX_TEXT = 24_000;
/** Bytes of JSON. Deflate makes at most a thousandfold of its input: a hostile link must not. */
const MAX_JSON = 200_000;
const CHECK_BYTES = 6;

/** @throws LinkError when it does not fit. */
export async function pack(value: unknown): Promise<string> {
  const json = new TextEncoder().encode(JSON.stringify(value));
  const body = await collect(stream(json).pipeThrough(new CompressionStream('deflate-raw')), Infinity);
  const text = toBase64Url(concat([await check(body), body]));
  if (json.length > MAX_JSON || text.length > MAX_TEXT)
    throw new LinkError(
      `its contents are too long for a link (${text.length.toLocaleString('en')} characters, at most ${MAX_TEXT.toLocaleString('en')})`,
      'Copy the experiment as JSON instead.',
    );
  return text;
}

/** @throws LinkError when the text is not exactly one that `pack` made. */
export async function unpack(text: string): Promise<unknown> {
  if (text.length > MAX_TEXT) throw new LinkError('it is longer than any link of this lab');
  const bytes = fromBase64Url(text);
  const body = bytes.subarray(CHECK_BYTES);
  const given = bytes.subarray(0, CHECK_BYTES);
  if (bytes.length <= CHECK_BYTES || !(await check(body)).every((byte, i) => byte === given[i]))
    throw new LinkError('it is damaged, or a part of it is missing');
  let json: Uint8Array;
  try {
    json = await collect(stream(body).pipeThrough(new DecompressionStream('deflate-raw')), MAX_JSON);
  } catch (error) {
    if (error instanceof LinkError) throw error;
    throw new LinkError('its contents are damaged');
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json)) as unknown;
  } catch {
    throw new LinkError('its contents are damaged');
  }
}

async function check(body: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', body)).subarray(0, CHECK_BYTES);
}

function stream(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
}

async function collect(source: ReadableStream<Uint8Array>, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = source.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return concat(chunks);
    chunks.push(value);
    size += value.length;
    if (size > limit) {
      await reader.cancel().catch(() => undefined);
      throw new LinkError('it unpacks to more than any experiment needs');
    }
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function toBase64Url(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1)
    throw new LinkError('it holds characters that no link of this lab has');
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}
