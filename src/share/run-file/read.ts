/** A run file, read whole and checked before anything of it is stored. */
import { usesDemonstrations } from '../../lab/demonstrations';
import { readExperiment, usesDataset } from '../../lab/schema';
import { decodeMetrics, decodeRollout } from '../../store/records';
import { StoreError } from '../../store/types';
import type { MetricsRecord, RolloutRecord } from '../../store/types';
import type { ZipFiles } from '../../zip';
import { readCheckpoint } from './checkpoint';
import type { KeptCheckpoint, RunContents } from './contents';
import { parseDataset } from './dataset';
import { checkedDemonstrations } from './demonstrations';
import { RunFileError } from './error';
import { FILES } from './files';
import { parseRunHead } from './head';
import { openZip } from './zip';

/** @throws RunFileError saying what is wrong with the file */
export async function readRunFile(zip: Blob): Promise<RunContents> {
  const files = await openZip(zip);
  const folder = folderOf(files);
  const path = (name: string) => `${folder}${name}`;
  const head = parseRunHead(await json(files, path(FILES.head)));
  const experiment = await json(files, path(FILES.experiment));
  const settings = readExperiment(experiment);
  if (!settings)
    throw new RunFileError(
      'its experiment.json is not an experiment that this lab can read',
      'Use the version of the lab that wrote it.',
    );
  const metrics = await records(files, path(FILES.metrics), decodeMetrics);
  const rollouts = await records(files, path(FILES.rollouts), decodeRollout);
  const reference = files.has(path(FILES.reference))
    ? await records(files, path(FILES.reference), decodeMetrics)
    : undefined;
  const dataset =
    usesDataset(settings) && files.has(path(FILES.dataset))
      ? await parseDataset(await text(files, path(FILES.dataset)), settings)
      : undefined;
  const demonstrations =
    usesDemonstrations(settings) && files.has(path(FILES.demonstrations))
      ? await checkedDemonstrations(await text(files, path(FILES.demonstrations)), settings)
      : undefined;
  checkSteps(head.step, metrics, rollouts);
  const run = { ...head, experiment, ...(reference && { reference }) };
  return {
    run,
    metrics,
    rollouts,
    checkpoints: await checkpointsOf(files, path(FILES.checkpoints), metrics),
    ...(dataset && { dataset }),
    ...(demonstrations !== undefined && { demonstrations }),
  };
}

/** The folder in which the run lies: a person may have packed it into another one. */
function folderOf({ names }: ZipFiles): string {
  const heads = names.filter((name) => name === FILES.head || name.endsWith(`/${FILES.head}`));
  if (heads.length === 1) return heads[0].slice(0, -FILES.head.length);
  throw new RunFileError(
    heads.length === 0
      ? `there is no ${FILES.head} in it, so it is not a run that the lab exported`
      : `there are ${heads.length} runs in it`,
    heads.length === 0 ? 'Choose the zip that Export wrote.' : 'Import them one by one.',
  );
}

async function text(files: ZipFiles, name: string): Promise<string> {
  const bytes = await files.bytes(name);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new RunFileError(`${name} is not text in UTF-8`);
  }
}

async function json(files: ZipFiles, name: string): Promise<unknown> {
  const document = await text(files, name);
  try {
    return JSON.parse(document) as unknown;
  } catch {
    throw new RunFileError(`${name} is not JSON`);
  }
}

async function records<T>(
  files: ZipFiles,
  name: string,
  decode: (line: string, where: string) => T,
): Promise<T[]> {
  const found: T[] = [];
  for await (const line of files.lines(name)) {
    try {
      found.push(decode(line, `line ${found.length + 1} of ${name}`));
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      throw new RunFileError(`line ${found.length + 1} of ${name} is not what the lab writes there`);
    }
  }
  return found;
}

/** @throws RunFileError unless the records are those of a run up to `step`, in order */
function checkSteps(
  step: number,
  metrics: readonly MetricsRecord[],
  rollouts: readonly RolloutRecord[],
): void {
  const last = metrics.at(-1)?.step ?? 0;
  if (last !== step) throw new RunFileError(`its metrics end at step ${last}, and the run at step ${step}`);
  const ascending = metrics.every(
    (line, i) =>
      Number.isSafeInteger(line.step) && line.step >= 0 && (i === 0 || metrics[i - 1].step < line.step),
  );
  if (!ascending) throw new RunFileError('the steps of its metrics are not in order');
  const known = new Set(metrics.map((line) => line.step));
  const stray = rollouts.find((rollout) => !known.has(rollout.step));
  if (stray) throw new RunFileError(`it holds responses of step ${stray.step}, and no metrics of that step`);
}

/** Each is read once now, so that what is stored later is known to be sound. */
async function checkpointsOf(
  files: ZipFiles,
  folder: string,
  metrics: readonly MetricsRecord[],
): Promise<KeptCheckpoint[]> {
  const found = files.names
    .filter((name) => name.startsWith(folder))
    .flatMap((name) => /^step-(\d{1,15})\//.exec(name.slice(folder.length))?.[1] ?? []);
  const known = new Set(metrics.map(({ step }) => step));
  const checkpoints: KeptCheckpoint[] = [];
  for (const name of new Set(found)) {
    const where = `${folder}step-${name}`;
    const source = {
      has: (file: string) => files.has(`${where}/${file}`),
      bytes: (file: string) => files.bytes(`${where}/${file}`),
    };
    const { step } = await readCheckpoint(source, where);
    if (String(step) !== name || !known.has(step))
      throw new RunFileError(`${where} holds a checkpoint of step ${step}, which the run does not have`);
    checkpoints.push({ step, load: () => readCheckpoint(source, where) });
  }
  return checkpoints.sort((a, b) => a.step - b.step);
}
