/** Packages that a person adds to the Python of an experiment: found, recognised by their hashes, and complete. */
import { PackageError } from '../tools/packages/error';
import { faultAmong } from '../tools/packages/requirements';
import { readWheel, type Wheel } from '../tools/packages/wheel';
import { ExperimentError, parsePackages, usesPackages, type Experiment } from './schema';
import { sha256OfBytes } from './sha256';

/** The bytes of a wheel by its name; undefined when there is none such. */
export type PackageReader = (name: string) => Promise<Uint8Array<ArrayBuffer> | undefined>;

const refusal = (path: string, message: string) => new ExperimentError([{ path, message }]);
const short = (sha256: string): string => `${sha256.slice(0, 12)}…`;

/**
 * Reads wheels and checks that the sandbox can use them together.
 * @throws PackageError when one cannot be used, needs a package that is not among them, or stands there twice; what `read` throws
 */
export async function readWheels(
  wheels: readonly { name: string; bytes: Uint8Array<ArrayBuffer> }[],
): Promise<Wheel[]> {
  const read: Wheel[] = [];
  for (const { name, bytes } of wheels) read.push(await readWheel(fileName(name), bytes));
  const fault = faultAmong(read);
  if (fault !== undefined) throw new PackageError(fault);
  return read;
}

/** Headless a wheel is named by its path. */
const fileName = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;

/**
 * Reads the packages that an experiment names, if it runs Python.
 * @returns the experiment with their hashes, and what is in them
 * @throws ExperimentError when one is not there, not the one whose hash the experiment holds, or cannot be used
 */
export async function preparePackages(
  experiment: Experiment,
  read: PackageReader,
): Promise<{ experiment: Experiment; packages?: readonly Wheel[] }> {
  if (!usesPackages(experiment)) return { experiment };
  const { tools } = experiment;
  const pinned = parsePackages(tools.packages_sha256);
  const [wheels, hashes]: [{ name: string; bytes: Uint8Array<ArrayBuffer> }[], string[]] = [[], []];
  for (const [i, name] of parsePackages(tools.packages).entries()) {
    const bytes = await read(name);
    if (!bytes)
      throw refusal(
        'tools.packages',
        `There is no package “${name}” here: it was removed or never added. Add this wheel under Sandbox, or choose others.`,
      );
    const sha256 = await sha256OfBytes(bytes);
    if (pinned.length > 0 && pinned[i] !== sha256)
      throw refusal(
        'tools.packages_sha256',
        `The package “${name}” is another one: it has the SHA-256 ${short(sha256)}, the experiment was made with ${short(pinned[i])}. Bring the former wheel back, or start a new run with this field empty.`,
      );
    wheels.push({ name, bytes });
    hashes.push(sha256);
  }
  try {
    const packages = await readWheels(wheels);
    return {
      experiment: { ...experiment, tools: { ...tools, packages_sha256: hashes.join(', ') } },
      packages,
    };
  } catch (error) {
    if (error instanceof PackageError) throw refusal('tools.packages', error.message);
    throw error;
  }
}
