/** What the commands print: JSON lines for programs or plain lines for people on stdout, everything else on stderr. */

/** Wrong input that only the CLI can notice: a file, an argument, a combination of options. */
export class CliError extends Error {
  override name = 'CliError';
}

export class Output {
  /** @param json stdout carries JSON lines and nothing else */
  constructor(readonly json: boolean) {}

  /** One JSON object on its own line; nothing without `--json`. NaN and ±∞ become null. */
  record(value: object): void {
    if (this.json) process.stdout.write(JSON.stringify(value) + '\n');
  }

  /** A line for people; nothing with `--json`. */
  line(text = ''): void {
    if (!this.json) process.stdout.write(text + '\n');
  }

  /** A message beside the results. */
  note(text: string): void {
    process.stderr.write(text + '\n');
  }
}

/** Waits until what was printed has left the process: a pipe may still hold it when `process.exit` is called. */
export async function flushOutput(): Promise<void> {
  for (const stream of [process.stdout, process.stderr])
    await new Promise<void>((resolve) => stream.write('', () => resolve()));
}

/** Errors whose message tells a person all there is to know. */
const EXPLAINED = new Set([
  'CliError',
  'DemonstrationError',
  'ExperimentError',
  'FunctionError',
  'GpuError',
  'ImportError',
  'LogError',
  'ModelFileError',
  'NoGpuError',
  'NoVulkanDriverError',
  'PackageError',
  'RangeError',
  'RunFileError',
  'StoreError',
  'TokenizerError',
  'ToolError',
  'UnsupportedModelError',
]);

/** The message alone for an error that explains itself; with its stack for a defect of the lab. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return EXPLAINED.has(error.name) ? error.message : (error.stack ?? error.message);
}

/** `0.1234`; a dash for a value that is not there. */
export const fixed = (value: number | undefined, digits = 3): string =>
  value === undefined ? '–' : value.toFixed(digits);

/** Cells side by side, each at the end of its column. */
export const row = (cells: readonly string[], widths: readonly number[]): string =>
  cells
    .map((cell, i) => cell.padStart(widths[i]))
    .join('  ')
    .trimEnd();
