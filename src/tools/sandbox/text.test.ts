import { expect, it } from 'vitest';
import { Random } from '../../random';
import { Decoder, Encoder } from './text';

const SEED = 3;
const random = new Random(SEED);
const bytes = (length: number, pick: () => number) => Uint8Array.from({ length }, pick);
/** Bytes near the borders of UTF-8's ranges. */
const BORDERS = [
  0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0, 0xe2, 0xed, 0xef, 0xf0, 0xf4,
  0xf5, 0xff,
];

/** Buffer's Latin-1, as that of `TextDecoder` is Windows-1252. */
const platform = (encoding: string, source: Uint8Array) =>
  encoding === 'latin1'
    ? Buffer.from(source).toString('latin1')
    : new TextDecoder(encoding, { ignoreBOM: true }).decode(source);

it.each(['utf-8', 'latin1'])('decodes %s as the platform does, malformed bytes too', (encoding) => {
  for (let i = 0; i < 400; i++) {
    const source = bytes(random.int(12), () => random.choice(BORDERS));
    const decoded = new Decoder(encoding).decode(source);
    expect(decoded, `seed ${SEED}: ${source.join()}`).toBe(platform(encoding, source));
  }
});

it('decodes UTF-16 as the platform does', () => {
  const source = new Uint8Array(Uint16Array.of(0x41, 0xe9, 0x221e, 0xd83d, 0xde00).buffer);
  expect(new Decoder('utf-16le').decode(source)).toBe('Aé∞😀');
});

it('encodes as the platform does, lone surrogates too, into whatever room there is', () => {
  const units = [0x41, 0x7f, 0x80, 0x7ff, 0x800, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000, 0xffff];
  for (let i = 0; i < 400; i++) {
    const text = String.fromCharCode(...Array.from({ length: random.int(8) }, () => random.choice(units)));
    const room = random.int(12);
    const [ours, theirs] = [new Uint8Array(room), new Uint8Array(room)];
    expect(new Encoder().encodeInto(text, ours), `seed ${SEED}`).toEqual(
      new TextEncoder().encodeInto(text, theirs),
    );
    expect(ours).toEqual(theirs);
    expect(new Encoder().encode(text)).toEqual(new TextEncoder().encode(text));
  }
});
