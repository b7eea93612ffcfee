import { expect, test } from 'vitest';
import { Random } from '../random';
import { corpus } from './countdown/corpus';
import { PAD_ID } from './countdown/vocabulary';
import { Packer, type TokenDocument } from './packing';

test('two documents and what is left of a row', () => {
  const documents = [
    { ids: [1, 5, 6, 2], promptLength: 2 },
    { ids: [1, 7], promptLength: 1 },
    { ids: [1, 8, 9], promptLength: 1 },
  ];
  const packed = new Packer(documents.values(), 8, 0).pack(2);
  expect([...packed.ids]).toEqual([1, 5, 6, 2, 1, 7, 0, 0, 1, 8, 9, 0, 0, 0, 0, 0]);
  expect([...packed.positions]).toEqual([0, 1, 2, 3, 0, 1, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0]);
  expect([...packed.segmentStarts]).toEqual([0, 0, 0, 0, 4, 4, 6, 7, 8, 8, 8, 11, 12, 13, 14, 15]);
  expect([...packed.lossMask]).toEqual([0, 1, 1, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0]);
  expect([...packed.targets]).toEqual([0, 6, 2, 0, 7, 0, 0, 0, 8, 9, 0, 0, 0, 0, 0, 0]);
  expect(packed.tokens).toBe(9);
});

test('unpacking gives back the stream of documents, in order and whole (seed 4)', () => {
  const source = corpus(new Random(4));
  const packer = new Packer(corpus(new Random(4)), 192, PAD_ID);
  let filled = 0;
  for (let batch = 0; batch < 5; batch++) {
    const { ids, positions, segmentStarts, targets, lossMask, tokens } = packer.pack(8);
    const starts = [...segmentStarts.keys()].filter((i) => segmentStarts[i] === i && ids[i] !== PAD_ID);
    for (const start of starts) {
      const document = source.next().value as TokenDocument;
      const end = start + document.ids.length;
      expect(Math.floor(start / 192)).toBe(Math.floor((end - 1) / 192));
      expect([...ids.slice(start, end)]).toEqual(document.ids);
      for (let i = start; i < end; i++) {
        expect([segmentStarts[i], positions[i]]).toEqual([start, i - start]);
        const learnt = i + 1 < end && i + 1 - start >= document.promptLength;
        expect([lossMask[i], targets[i]]).toEqual(learnt ? [1, ids[i + 1]] : [0, 0]);
      }
    }
    const padding = [...ids.keys()].filter((i) => ids[i] === PAD_ID);
    for (const i of padding) expect([segmentStarts[i], positions[i], lossMask[i]]).toEqual([i, 0, 0]);
    expect(tokens).toBe(ids.length - padding.length);
    filled += tokens / ids.length / 5;
  }
  expect(filled).toBeGreaterThan(0.8);
});

test('a document that fits no row is refused', () => {
  const packer = new Packer([{ ids: [1, 2, 3], promptLength: 1 }].values(), 2, 0);
  expect(() => packer.pack(1)).toThrow('3 tokens does not fit into a row of 2');
});
