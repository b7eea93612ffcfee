import { expect, test } from 'vitest';
import { parseExperiment } from '../lab/schema';
import { BASES } from './bases';

/** SHA-256 of each base's JSON. A base that changes breaks the links made from it: add another instead. */
const FROZEN: Record<string, string> = {
  'aha-2': '767b12c3f28c65fc653cda117a53d60a00b7b403153046939878d9de217207cb',
  'aha-quick-2': 'cd535d69a6093dad03f2c4608ee4072903de28a30d8ad3b6383c3592c458877f',
};

const sha256 = async (text: string) =>
  Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))).toString('hex');

test.each(Object.entries(BASES))('%s is as it was, and still an experiment', async (name, document) => {
  expect(await sha256(JSON.stringify(document))).toBe(FROZEN[name]);
  expect(() => parseExperiment(document)).not.toThrow();
});
