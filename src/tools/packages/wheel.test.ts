import { BlobWriter, TextReader, Uint8ArrayReader, ZipWriter } from '@zip.js/zip.js';
import { expect, it } from 'vitest';
import { Random } from '../../random';
import { PackageError } from './error';
import { tinyWheel, wheelFiles, zipOf, type TinyWheel } from './testing';
import { MAX_UNPACKED_BYTES, MAX_WHEEL_BYTES, readWheel } from './wheel';

const FILE = 'tiny-1.0-py3-none-any.whl';

async function refused(bytes: Uint8Array<ArrayBuffer>, file = FILE): Promise<string> {
  const error: unknown = await readWheel(file, bytes).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(PackageError);
  const { message } = error as PackageError;
  expect(message).toMatch(/^".*" cannot be used as a package: .*\.$/);
  return message;
}

const refusedWheel = async (wheel: TinyWheel) => refused(await tinyWheel(wheel));
const refusedFiles = async (more: Record<string, string>) =>
  refused(await zipOf({ ...wheelFiles(), ...more }));

it('reads what a wheel says of itself, and what it gives to import', async () => {
  const wheel = await readWheel(
    FILE,
    await tinyWheel({
      package: 'Tiny.Thing',
      version: '1.0.post1',
      tag: 'py2.py3-none-any',
      metadata: [
        'Requires-Dist: mpmath<1.4,>=1.1.0',
        'Requires-Dist: other (>=2)',
        'Requires-Dist: pytest>=7; extra == "dev"',
        'Requires-Python: >=3.9, !=3.13.*',
      ],
      files: {
        'tiny/__init__.py': '',
        'tiny/a/__init__.py': '',
        'tiny/a/tests/__init__.py': '',
        'tiny/no-module/__init__.py': '',
        'tiny.py': '',
        'Tiny.Thing-1.0.post1.data/purelib/more/__init__.py': '',
        'Tiny.Thing-1.0.post1.data/scripts/command': '',
      },
    }),
  );
  expect(wheel).toMatchObject({ file: FILE, package: 'Tiny.Thing', version: '1.0.post1' });
  expect(wheel.requires).toEqual([
    { package: 'mpmath', versions: '<1.4,>=1.1.0' },
    { package: 'other', versions: '>=2' },
  ]);
  expect(wheel.modules).toEqual(['tiny', 'tiny.a', 'more']);
  const places = wheel.files.map(([, place]) => place);
  expect(places).toContain('more/__init__.py');
  expect(places.filter((place) => place.includes('command'))).toEqual([]);
});

it('takes single files where there is no folder', async () => {
  const { modules } = await readWheel(FILE, await tinyWheel({ files: { 'six.py': '' } }));
  expect(modules).toEqual(['six']);
});

it('says what is no wheel', async () => {
  const whole = await tinyWheel();
  expect(await refused(new Uint8Array())).toContain('not a whole zip file');
  expect(await refused(new TextEncoder().encode('<html>'))).toContain('not a whole zip file');
  expect(await refused(whole.slice(0, whole.length - 30))).toContain('not a whole zip file');
  expect(await refused(await zipOf({ 'tiny/__init__.py': '' }))).toContain('no folder .dist-info');
  expect(await refusedFiles({ 'other-1.dist-info/METADATA': '' })).toContain('no folder .dist-info');
  expect(await refusedWheel({ package: '-x' })).toContain('its name and version');
  expect(await refusedWheel({ metadata: ['Requires-Python: <3.12'] })).toContain('needs Python <3.12');
});

it('says that only pure Python works', async () => {
  expect(await refusedWheel({ tag: 'cp314-cp314-manylinux_2_17_x86_64' })).toContain(
    'Only wheels of pure Python',
  );
  expect(await refusedWheel({ tag: 'py2-none-any' })).toContain('Only wheels of pure Python');
  expect(await refusedFiles({ 'tiny/fast.cpython-314.so': '' })).toContain('Only wheels of pure Python');
});

it.each([
  '../tiny.py',
  '/etc/tiny.py',
  'tiny/../../x.py',
  'tiny\\x.py',
  'C:/x.py',
  'tiny//x.py',
  './x.py',
  'a\u0000b',
])('refuses a file called %j', async (name) => {
  await refusedFiles({ [name]: '' });
});

it('refuses links, and names that clash', async () => {
  const writer = new ZipWriter(new BlobWriter());
  const S_IFLNK = 0o120777;
  await writer.add('tiny/link.py', new TextReader('/etc/passwd'), {
    externalFileAttributes: (S_IFLNK << 16) >>> 0,
  });
  for (const [name, text] of Object.entries(wheelFiles())) await writer.add(name, new TextReader(text));
  const blob = await writer.close();
  expect(await refused(new Uint8Array(await blob.arrayBuffer()))).toContain('is a link');
  expect(await refusedFiles({ tiny: '' })).toContain('"tiny" twice');
  expect(await refusedFiles({ 'tiny-1.0.data/purelib/tiny/inner.py': '' })).toContain(
    '"tiny/inner.py" twice',
  );
});

it('refuses what is too large, packed or unpacked', async () => {
  expect(await refused(new Uint8Array(MAX_WHEEL_BYTES + 1))).toContain('more than the 64 MiB');
  const writer = new ZipWriter(new BlobWriter());
  const zeros = new Uint8Array(2 ** 24);
  for (let i = 0; i <= MAX_UNPACKED_BYTES / 2 ** 24; i++)
    await writer.add(`tiny/${i}.py`, new Uint8ArrayReader(zeros));
  for (const [name, text] of Object.entries(wheelFiles())) await writer.add(name, new TextReader(text));
  const bomb = new Uint8Array(await (await writer.close()).arrayBuffer());
  expect(bomb.length).toBeLessThan(2 ** 20);
  expect(await refused(bomb)).toContain('more than the 128 MiB that a package may have');
});

it('reads any damaged wheel as another one, or says what is wrong', async () => {
  const seed = 5;
  const random = new Random(seed);
  const whole = await tinyWheel();
  for (let i = 0; i < 200; i++) {
    const damaged = whole.slice();
    for (let n = 0; n <= random.int(3); n++) damaged[random.int(damaged.length)] = random.int(256);
    const result: unknown = await readWheel(FILE, damaged).catch((error: unknown) => error);
    if (result instanceof Error) expect(result, `seed ${seed}, ${i}`).toBeInstanceOf(PackageError);
  }
});
