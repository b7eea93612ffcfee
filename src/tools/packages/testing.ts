/** Small wheels, for tests. */
import { downloadZip } from 'client-zip';

export interface TinyWheel {
  package?: string;
  version?: string;
  tag?: string;
  /** Lines of METADATA besides name and version. */
  metadata?: readonly string[];
  /** Texts by path. */
  files?: Readonly<Record<string, string>>;
}

/** The files of a wheel of pure Python, by their paths. */
export function wheelFiles({
  package: name = 'tiny',
  version = '1.0',
  tag = 'py3-none-any',
  metadata = [],
  files = { 'tiny/__init__.py': 'from .inner import answer\n', 'tiny/inner.py': 'answer = 42\n' },
}: TinyWheel = {}): Record<string, string> {
  const info = `${name}-${version}.dist-info`;
  return {
    ...files,
    [`${info}/METADATA`]: [
      'Metadata-Version: 2.1',
      `Name: ${name}`,
      `Version: ${version}`,
      ...metadata,
      '',
      'Text.',
    ].join('\n'),
    [`${info}/WHEEL`]: `Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: ${tag}\n`,
  };
}

/** The same bytes whenever it is made. */
export async function zipOf(files: Readonly<Record<string, string>>): Promise<Uint8Array<ArrayBuffer>> {
  const entries = Object.entries(files).map(([name, input]) => ({
    name,
    input,
    lastModified: new Date(2026, 0, 1),
  }));
  return new Uint8Array(await downloadZip(entries).arrayBuffer());
}

export const tinyWheel = (wheel?: TinyWheel): Promise<Uint8Array<ArrayBuffer>> => zipOf(wheelFiles(wheel));
