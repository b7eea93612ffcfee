import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Random } from '../random';
import { ModelFileError } from './errors';
import { readSafetensors, writeSafetensors, type Tensor } from './safetensors';
import { openWeights } from './shards';
import { toFloat32 } from './weights';

const tensor = (name: string, shape: number[], values: number[]): Tensor => ({
  name,
  shape,
  data: Float32Array.from(values),
});

/** A file with this header, however wrong, and this much data. */
function file(header: unknown, data: Uint8Array | number = 0): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const body = typeof data === 'number' ? new Uint8Array(data) : data;
  const bytes = new Uint8Array(8 + json.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(body, 8 + json.length);
  return bytes;
}

const entry = (dtype: unknown, shape: unknown, ...data_offsets: unknown[]) => ({
  dtype,
  shape,
  data_offsets,
});
const read = (bytes: Uint8Array) => readSafetensors(bytes, 'model.safetensors');

describe('what is written is read back', () => {
  const tensors = [
    tensor('matrix', [2, 3], [1, -2, 3.5, 1e-40, 3.4e38, -0]),
    tensor('empty', [0, 4], []),
    tensor('scalar', [], [7]),
    tensor('naïve "name"\n', [2], [NaN, -Infinity]),
  ];

  test('names, shapes and bits, in order', () => {
    expect([...read(writeSafetensors(tensors)).values()]).toEqual(tensors);
  });

  test('as views of the file where it is aligned, as copies where it is not', () => {
    const bytes = writeSafetensors(tensors);
    expect(read(bytes).get('matrix')!.data.buffer).toBe(bytes.buffer);
    const shifted = Buffer.concat([Buffer.alloc(1), bytes]).subarray(1);
    expect([...read(shifted).values()]).toEqual(tensors);
  });

  test('with the metadata transformers asks for', () => {
    const text = new TextDecoder().decode(writeSafetensors([], { step: '60' }));
    expect(text).toContain('"__metadata__":{"format":"pt","step":"60"}');
  });

  test('refusing names twice, reserved names and shapes that do not fit', () => {
    const one = tensor('a', [1], [1]);
    expect(() => writeSafetensors([one, one])).toThrow(RangeError);
    expect(() => writeSafetensors([tensor('__proto__', [1], [1])])).toThrow(RangeError);
    expect(() => writeSafetensors([tensor('__metadata__', [1], [1])])).toThrow(RangeError);
    expect(() => writeSafetensors([tensor('a', [2], [1])])).toThrow(RangeError);
  });
});

describe('half precision becomes float32', () => {
  const words = (values: number[]) => new Uint8Array(Uint16Array.from(values).buffer);

  test('BF16 is the upper half of a float32', () => {
    const data = words([0x3f80, 0xc049, 0x7f80, 0x0001]);
    const { data: values } = read(file({ a: entry('BF16', [4], 0, 8) }, data)).get('a')!;
    expect([...values]).toEqual([1, -3.140625, Infinity, 2 ** -133]);
  });

  test('F16: one, largest, smallest normal, smallest, −0, infinity, NaN', () => {
    const data = words([0x3c00, 0x7bff, 0x0400, 0x0001, 0x8000, 0xfc00, 0x7e00]);
    const { data: values } = read(file({ a: entry('F16', [7], 0, 14) }, data)).get('a')!;
    expect([...values]).toEqual([1, 65504, 2 ** -14, 2 ** -24, -0, -Infinity, NaN]);
  });
});

describe('a header is not believed', () => {
  const huge = new Uint8Array(8).fill(0xff);
  const [a, b] = [entry('F32', [2], 0, 8), entry('F32', [1], 8, 12)];
  const refusals: [string, Uint8Array, RegExp][] = [
    ['an empty file', new Uint8Array(), /0 bytes, too few/],
    ['a header of 2^64 − 1 bytes', huge, /claims 18446744073709551615 bytes, more than/],
    ['a header longer than the file', file({ a }, 8).subarray(0, 20), /cut short/],
    ['something else', file('PK\x03\x04'), /does not start with "\{"/],
    ['an empty header', file(''), /does not start with "\{"/],
    ['broken JSON', file('{"a":'), /not valid JSON/],
    ['broken UTF-8', file({}).fill(0xff, 9), /not valid JSON in UTF-8/],
    [
      'a tensor twice',
      file(`{"a":${JSON.stringify(a)},"\\u0061":${JSON.stringify(a)}}`, 8),
      /the key "a" twice/,
    ],
    [
      'a field twice',
      file('{"a":{"dtype":"F32","dtype":"F16","shape":[2],"data_offsets":[0,8]}}', 8),
      /"dtype" twice/,
    ],
    ['__proto__ as a tensor', file(`{"__proto__":${JSON.stringify(a)}}`, 8), /reserved name "__proto__"/],
    [
      '__proto__ as a field',
      file(`{"a":{"__proto__":${JSON.stringify(a)}}}`, 8),
      /unknown field "__proto__"/,
    ],
    ['metadata that is not text', file({ __metadata__: { epoch: 3 }, a }, 8), /__metadata__ is not/],
    ['a tensor that is no object', file({ a: null }), /tensor "a" is not described/],
    ['integers', file({ a: entry('I64', [1], 0, 8) }, 8), /dtype "I64"; only F32, F16 and BF16/],
    ['a dtype from the prototype', file({ a: entry('toString', [1], 0, 8) }, 8), /dtype "toString"/],
    [
      'a dtype nested without end',
      file(`{"a":{"dtype":${'['.repeat(1e5)}${']'.repeat(1e5)}}}`),
      /dtype object/,
    ],
    ['a negative size', file({ a: entry('F32', [-2, -1], 0, 8) }, 8), /shape that is not/],
    ['a fractional size', file({ a: entry('F32', [0.5, 4], 0, 8) }, 8), /shape that is not/],
    ['sizes that overflow', file({ a: entry('F32', [2 ** 32, 2 ** 32], 0, 0) }), /too large to count/],
    [
      'sizes that overflow, times 0',
      file({ a: entry('F32', [2 ** 40, 2 ** 40, 0], 0, 0) }),
      /too large to count/,
    ],
    ['one offset', file({ a: entry('F32', [2], 0) }, 8), /data_offsets that are not/],
    ['offsets the wrong way', file({ a: entry('F32', [0], 8, 0) }, 8), /hold -8/],
    ['a shape larger than its bytes', file({ a: entry('F32', [3], 0, 8) }, 8), /needs 12 bytes by its shape/],
    ['data that ends early', file({ a, b }, 11), /"b" ends at byte 12 of the data, which has only 11/],
    ['a terabyte that is not there', file({ a: entry('F32', [2 ** 38], 0, 2 ** 40) }, 8), /has only 8/],
    [
      'tensors that overlap',
      file({ a, b: entry('F32', [1], 4, 8) }, 8),
      /"b" overlaps another one at byte 4/,
    ],
    [
      'a hole',
      file({ a, b: entry('F32', [1], 12, 16) }, 16),
      /bytes 8 to 12 of the data belong to no tensor/,
    ],
    ['a tail', file({ a, b }, 16), /last 4 bytes/],
  ];

  test.each(refusals)('%s', (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(ModelFileError);
    expect(() => read(bytes)).toThrow(message);
    expect(() => read(bytes)).toThrow(/^model\.safetensors: .*Nothing was loaded from it\. .*\.$/);
  });
});

describe('fuzz: a mutated file is refused, or read exactly as its header says', { timeout: 60_000 }, () => {
  const seed = 20;
  const nasty: unknown[] = [
    -1,
    0.5,
    2 ** 31,
    2 ** 53,
    1e308,
    null,
    '',
    'F64',
    'BF16',
    [],
    {},
    [0, 0],
    '__proto__',
  ];
  const source = writeSafetensors([
    tensor('a', [2, 3], [1, 2, 3, 4, 5, 6]),
    tensor('b', [4], [7, 8, 9, 10]),
    tensor('c', [1, 1], [11]),
  ]);

  function flipBytes(random: Random): Uint8Array {
    const bytes = source.slice();
    for (let n = random.range(1, 4); n > 0; n--) bytes[random.int(bytes.length)] = random.int(256);
    return bytes;
  }

  function truncateOrExtend(random: Random): Uint8Array {
    const bytes = new Uint8Array(random.int(source.length + 16));
    bytes.set(source.subarray(0, bytes.length));
    return bytes;
  }

  function replaceDigits(random: Random): Uint8Array {
    const digits = [...source.keys()].filter((i) => i >= 8 && source[i] >= 0x30 && source[i] <= 0x39);
    const bytes = source.slice();
    for (let n = random.range(1, 3); n > 0; n--) bytes[random.choice(digits)] = 0x30 + random.int(10);
    return bytes;
  }

  function replaceField(random: Random): Uint8Array {
    const length = Number(new DataView(source.buffer).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(source.subarray(8, 8 + length))) as Record<
      string,
      object
    >;
    const place = random.choice(Object.values(header)) as Record<string, unknown>;
    const key = random.choice(['dtype', 'shape', 'data_offsets', 'extra']);
    const inside = place[key];
    if (Array.isArray(inside) && random.int(2)) inside[random.int(inside.length + 1)] = random.choice(nasty);
    else place[key] = random.choice(nasty);
    return file(header, source.subarray(8 + length));
  }

  test.each([flipBytes, truncateOrExtend, replaceDigits, replaceField])(
    `%o, seed ${seed}`,
    async (mutate) => {
      const random = new Random(seed);
      for (let n = 0; n < 2500; n++) {
        const bytes = mutate(random);
        let tensors: Map<string, Tensor> | undefined;
        try {
          tensors = read(bytes);
          expectAsHeaderSays(bytes, tensors);
        } catch (error) {
          expect(error).toBeInstanceOf(ModelFileError);
        }
        await expectSameByRanges(bytes, tensors);
      }
    },
  );

  /** The reader of files too large for memory gives the same, and never asks for bytes outside the file. */
  async function expectSameByRanges(
    bytes: Uint8Array,
    tensors: ReadonlyMap<string, Tensor> | undefined,
  ): Promise<void> {
    const opening = openWeights({
      size: (name) => Promise.resolve(name === 'model.safetensors' ? bytes.length : undefined),
      read: (_, begin, end) => {
        if (!(begin >= 0 && begin <= end && end <= bytes.length)) throw new Error(`bytes ${begin} to ${end}`);
        return Promise.resolve(bytes.slice(begin, end));
      },
    });
    if (!tensors) return expect(opening).rejects.toThrow(ModelFileError);
    const weights = await opening;
    expect([...weights.entries.keys()]).toEqual([...tensors.keys()]);
    for (const { name, dtype } of weights.entries.values())
      expect(toFloat32(await weights.read(name), dtype)).toEqual(tensors.get(name)!.data);
  }

  /** The oracle: a trusting reader, number by number. */
  function expectAsHeaderSays(bytes: Uint8Array, tensors: Map<string, Tensor>): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const start = 8 + Number(view.getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start))) as Record<
      string,
      { dtype: string; shape: number[]; data_offsets: [number, number] }
    >;
    delete header.__metadata__;
    expect([...tensors.keys()].sort()).toEqual(Object.keys(header).sort());
    let covered = start;
    for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
      const { data, shape: found } = tensors.get(name)!;
      expect(found).toEqual(shape);
      expect(data.length).toBe(shape.reduce((x, y) => x * y, 1));
      covered += data_offsets[1] - data_offsets[0];
      if (dtype !== 'F32') continue;
      data.forEach((x, i) => expect(x).toBe(view.getFloat32(start + data_offsets[0] + 4 * i, true)));
    }
    expect(covered).toBe(bytes.byteLength);
  }
});

test('a file written by the Python library is read', () => {
  const url = new URL('../../e2e/golden/qwen2-tiny/model.safetensors', import.meta.url);
  const tensors = read(readFileSync(url));
  expect(tensors.get('model.embed_tokens.weight')?.shape).toEqual([48, 32]);
  expect(tensors.get('model.layers.1.self_attn.k_proj.bias')?.data).toHaveLength(16);
});
