/**
 * Wheels: packages of Python as https://packaging.python.org/en/latest/specifications/binary-distribution-format/ has them. A
 * stranger may have made one: its files are only ever put into the file system of a sandbox.
 */
import { ZipFiles } from '../../zip';
import type { ToolPackage } from '../types';
import { PackageError } from './error';
import { parseRequirement, satisfies, type Requirement } from './requirements';

/** Bytes of a wheel. */
export const MAX_WHEEL_BYTES = 2 ** 26;
/** Bytes of its files. */
export const MAX_UNPACKED_BYTES = 2 ** 27;
const MAX_FILES = 10_000;
const MAX_METADATA_BYTES = 2 ** 20;
/** The interpreter's version, to which a wheel may object. */
export const PYTHON_VERSION = '3.14';

/** What a wheel says of itself. */
export interface WheelFacts {
  /** Of the file. */
  file: string;
  /** Of the package, as its author writes it. */
  package: string;
  version: string;
  /** What must be there besides. */
  requires: readonly Requirement[];
}

/** A wheel of pure Python, looked through; the sandbox unpacks it. */
export interface Wheel extends WheelFacts, ToolPackage {}

const COMPILED = /\.(so|pyd|dll|dylib)$|\.so\./i;
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?$/;
const VERSION = /^[A-Za-z0-9.+!_-]{1,64}$/;
const MODULE = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;
const FOR_TESTS = /(?:^|\.)(?:tests?|testing|benchmarks?)(?:\.|$)/;

const quote = (name: string): string => JSON.stringify(name.length > 80 ? `${name.slice(0, 79)}…` : name);

/**
 * Reads what a wheel says of itself and checks that it can be used here. What its files hold is read by the sandbox alone.
 * @param file its name
 * @throws PackageError when it is none, was compiled, or is damaged or too large
 */
export async function readWheel(file: string, bytes: Uint8Array<ArrayBuffer>): Promise<Wheel> {
  class Refusal extends PackageError {
    constructor(problem: string) {
      super(`${quote(file)} cannot be used as a package: ${problem.replace(/\.$/, '')}.`);
    }
  }
  if (bytes.length > MAX_WHEEL_BYTES)
    throw new Refusal(
      `it has ${Math.ceil(bytes.length / 2 ** 20)} MiB, more than the ${MAX_WHEEL_BYTES / 2 ** 20} MiB of the largest wheel`,
    );
  const zip = await ZipFiles.open(new Blob([bytes]), {
    maxEntries: MAX_FILES,
    maxBytes: MAX_UNPACKED_BYTES,
    Refusal,
  });
  for (const name of zip.names) {
    const fault = faultOf(name, zip);
    if (fault) throw new Refusal(fault);
  }
  const info = infoOf(zip);
  if (info === undefined)
    throw new Refusal('it is not a wheel, for it has no folder .dist-info with METADATA');
  const text = async (name: string) => {
    const path = `${info}.dist-info/${name}`;
    if (zip.size(path) > MAX_METADATA_BYTES) throw new Refusal(`its ${name} is too long`);
    return new TextDecoder().decode(await zip.bytes(path));
  };
  const [tags, metadata] = [headers(await text('WHEEL')), headers(await text('METADATA'))];
  const tag = tags.get('tag') ?? [];
  if (!tag.some(isPure))
    throw new Refusal(
      `it is made for ${quote(tag.join(', ') || 'nobody knows what')}. Only wheels of pure Python work, whose names end in py3-none-any.whl`,
    );
  const [name, version] = [metadata.get('name')?.[0] ?? '', metadata.get('version')?.[0] ?? ''];
  if (!NAME.test(name) || !VERSION.test(version)) throw new Refusal('it does not say its name and version');
  const python = metadata.get('requires-python')?.[0] ?? '';
  if (satisfies(PYTHON_VERSION, python) === false)
    throw new Refusal(`it needs Python ${python}, and the sandbox has ${PYTHON_VERSION}`);
  const requires = (metadata.get('requires-dist') ?? []).flatMap((line) => parseRequirement(line) ?? []);
  const files = zip.names.flatMap((entry): [string, string][] => {
    const place = placeOf(entry, info);
    return place === undefined ? [] : [[entry, place]];
  });
  const places = files.map(([, place]) => place);
  const clash = clashIn(places);
  if (clash !== undefined) throw new Refusal(`it holds ${quote(clash)} twice`);
  const unpacked = files.reduce((sum, [entry]) => sum + zip.size(entry), 0);
  if (unpacked > MAX_UNPACKED_BYTES)
    throw new Refusal(
      `it would unpack to ${Math.ceil(unpacked / 2 ** 20)} MiB, more than the ${MAX_UNPACKED_BYTES / 2 ** 20} MiB that a package may have`,
    );
  return { file, package: name, version, requires, bytes, files, modules: modulesOf(places) };
}

function faultOf(name: string, zip: ZipFiles): string | undefined {
  const parts = name.split('/');
  if (/[\\:\u0000-\u001f]/.test(name) || parts.some((part) => ['', '.', '..'].includes(part)))
    return `its file ${quote(name)} would lie outside of its folder`;
  if (zip.isLink(name)) return `its file ${quote(name)} is a link to another`;
  if (COMPILED.test(name))
    return `its file ${quote(name)} is compiled. Only wheels of pure Python work, whose names end in py3-none-any.whl`;
  return undefined;
}

/** `sympy-1.14.0` of a wheel whose metadata lie in `sympy-1.14.0.dist-info`. */
function infoOf(zip: ZipFiles): string | undefined {
  const found = zip.names.flatMap((name) => /^([^/]+)\.dist-info\/METADATA$/.exec(name)?.[1] ?? []);
  return found.length === 1 && zip.has(`${found[0]}.dist-info/WHEEL`) ? found[0] : undefined;
}

/** Headers of a message as in electronic mail, by their names in lower case; its text is left out. */
function headers(message: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const line of message.split(/\r?\n/)) {
    if (line === '') break;
    const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined) continue;
    found.set(name.toLowerCase(), [...(found.get(name.toLowerCase()) ?? []), value.trim()]);
  }
  return found;
}

/** `py3-none-any`, or `py2.py3-none-any`. */
function isPure(tag: string): boolean {
  const [python, abi, platform] = tag.split('-');
  return abi === 'none' && platform === 'any' && python.split('.').some((kind) => kind.startsWith('py3'));
}

/** Where a file lies when the wheel is installed; undefined for what goes elsewhere, as commands do. */
function placeOf(entry: string, info: string): string | undefined {
  const data = `${info}.data/`;
  if (!entry.startsWith(data)) return entry;
  return /^(?:purelib|platlib)\/(.+)$/.exec(entry.slice(data.length))?.[1];
}

/** A path that two files have, or one as its folder; undefined when there is none. */
export function clashIn(paths: readonly string[]): string | undefined {
  const folders = new Set<string>();
  for (const path of paths)
    for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1))
      folders.add(path.slice(0, end));
  const seen = new Set<string>();
  return paths.find((path) => folders.has(path) || seen.size === seen.add(path).size);
}

/** Its folders of modules, those for tests left out; where there is none, its single files. */
function modulesOf(paths: readonly string[]): string[] {
  const matches = (pattern: RegExp) =>
    paths
      .flatMap((path) => pattern.exec(path)?.[1].split('/').join('.') ?? [])
      .filter((name) => MODULE.test(name) && !FOR_TESTS.test(name));
  const folders = matches(/^(.+)\/__init__\.py$/);
  return folders.length > 0 ? folders : matches(/^([^/]+)\.py$/);
}
