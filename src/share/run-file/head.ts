/** `run.json` of a run file: what is known of the run beside its experiment and its records. */
import { z } from 'zod';
import type { RunRecord } from '../../store/types';
import { RunFileError } from './error';

const FORMAT = 'reasoning-rl-lab run';
const VERSION = 1;
const name = z.string().max(1000);
const time = z.number().min(0).max(8.64e15);

const headSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  run: z.strictObject({
    id: z.string().min(1).max(200),
    name,
    status: z.enum(['queued', 'running', 'paused', 'stopped', 'finished', 'failed']),
    step: z.int().min(0),
    createdAt: time,
    updatedAt: time,
    adapter: name,
    error: z.string().max(100_000).optional(),
    comparisons: z
      .array(z.strictObject({ id: name, name, arm: name }))
      .max(1000)
      .optional(),
    parent: z.strictObject({ run: name, step: z.int().min(0) }).optional(),
    keepEvery: z.int().min(0).optional(),
  }),
});
type Described = z.output<typeof headSchema>['run'];

/** The document, its experiment and curves left to files of their own. */
export const runHead = ({
  experiment: _,
  reference: __,
  ...run
}: RunRecord): z.output<typeof headSchema> => ({
  format: FORMAT,
  version: VERSION,
  run,
});

/** @throws RunFileError when it is of another format or version */
export function parseRunHead(document: unknown): Described {
  const head = headSchema.safeParse(document);
  if (head.success) return head.data.run;
  const { data } = z.object({ version: z.number() }).safeParse(document);
  if (data && data.version !== VERSION)
    throw new RunFileError(
      `it is of version ${data.version}, and this lab reads version ${VERSION}`,
      'Use the version of the lab that wrote it.',
    );
  const [{ path, message }] = head.error.issues;
  throw new RunFileError(
    `its run.json is not what the lab writes (${path.join('.') || 'document'}: ${message})`,
  );
}
