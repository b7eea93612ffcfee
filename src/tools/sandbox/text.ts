/** `TextDecoder` and `TextEncoder` where the world has none: what Python's runtime asks of them. */

/** UTF-8, UTF-16LE and Latin-1; malformed input is replaced. */
export class Decoder {
  constructor(readonly encoding = 'utf-8') {}

  decode(source: ArrayBuffer | ArrayBufferView = new Uint8Array()): string {
    const bytes = ArrayBuffer.isView(source)
      ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
      : new Uint8Array(source);
    if (this.encoding === 'latin1') return fromUnits(bytes);
    if (this.encoding === 'utf-16le') return fromUnits(new Uint16Array(bytes.slice().buffer));
    return decodeUtf8(bytes);
  }
}

/** To UTF-8; lone surrogates are replaced. */
export class Encoder {
  encode(text = ''): Uint8Array {
    const bytes = new Uint8Array(3 * text.length);
    return bytes.slice(0, this.encodeInto(text, bytes).written);
  }

  /** Stops before the first character for which there is no room. */
  encodeInto(text: string, target: Uint8Array): { read: number; written: number } {
    let [read, written] = [0, 0];
    for (const character of text) {
      const code = character.length === 1 ? scalar(character.charCodeAt(0)) : character.codePointAt(0)!;
      const more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
      if (written + more >= target.length) break;
      const lead = [0, 0xc0, 0xe0, 0xf0][more];
      target[written++] = lead | (code >> (6 * more));
      for (let i = more - 1; i >= 0; i--) target[written++] = 0x80 | ((code >> (6 * i)) & 0x3f);
      read += character.length;
    }
    return { read, written };
  }
}

const REPLACEMENT = 0xfffd;
const scalar = (unit: number) => (unit >= 0xd800 && unit < 0xe000 ? REPLACEMENT : unit);

function fromUnits(units: Uint8Array | Uint16Array): string {
  let text = '';
  for (let i = 0; i < units.length; i += 8192) text += String.fromCharCode(...units.subarray(i, i + 8192));
  return text;
}

/** https://encoding.spec.whatwg.org/#utf-8-decoder */
function decodeUtf8(bytes: Uint8Array): string {
  const units = new Uint16Array(bytes.length);
  let length = 0;
  for (let i = 0; i < bytes.length;) {
    const lead = bytes[i++];
    const more = lead < 0x80 ? 0 : lead < 0xc2 ? 4 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 4;
    let code = more === 4 ? REPLACEMENT : lead & [0x7f, 0x1f, 0x0f, 0x07][more];
    let low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    let high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    for (let left = more % 4; left > 0; left--, low = 0x80, high = 0xbf) {
      if (!(bytes[i] >= low && bytes[i] <= high)) {
        code = REPLACEMENT;
        break;
      }
      code = (code << 6) | (bytes[i++] & 0x3f);
    }
    if (code >= 0x10000) units[length++] = 0xd7c0 + (code >> 10);
    units[length++] = code >= 0x10000 ? 0xdc00 | (code & 0x3ff) : code;
  }
  return fromUnits(units.subarray(0, length));
}
