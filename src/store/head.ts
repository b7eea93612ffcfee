/** `run.json`, the head of a run's folder. */
import { z } from 'zod';
import { describe } from './rules';
import { StoreError, type RunRecord } from './types';

const VERSION = 1;
const count = z.int().min(0);

const headSchema = z.object({
  version: z.literal(VERSION),
  run: z.object({
    id: z.string(),
    name: z.string(),
    experiment: z.unknown(),
    status: z.enum(['queued', 'running', 'paused', 'stopped', 'finished', 'failed']),
    step: count,
    createdAt: z.number(),
    updatedAt: z.number(),
    adapter: z.string(),
    error: z.string().optional(),
    comparisons: z.array(z.object({ id: z.string(), name: z.string(), arm: z.string() })).optional(),
    parent: z.object({ run: z.string(), step: count }).optional(),
    keepEvery: count.optional(),
  }) satisfies z.ZodType<Omit<RunRecord, 'reference'>>,
  /** How many bytes of each file belong to the run. */
  committed: z.object({ metrics: count, rollouts: count }),
  /** Which bytes of its file are the run's reference, where it has one. */
  reference: z.object({ from: count, to: count }).optional(),
  /** Oldest first. */
  checkpoints: z.array(z.object({ generation: count, step: count })),
});
export type Head = z.output<typeof headSchema>;
export type Generation = Head['checkpoints'][number];

export const checkpointName = ({ generation, step }: Generation): string => `${generation}-step-${step}`;

/** @throws StoreError when the text is no head, or one of another version. */
export function parseHead(text: string, dir: string): Head {
  const refuse = (why: string, advice: string) =>
    new StoreError(`${dir} cannot be opened: ${why}. Nothing was changed. ${advice}`);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw refuse(`its run.json is not JSON (${describe(error)})`, 'Choose the folder of a run.');
  }
  const { data: { version } = {} } = z.object({ version: z.number() }).safeParse(document);
  if (version !== undefined && version !== VERSION) {
    throw refuse(
      `its run.json is of version ${version}, and this lab reads version ${VERSION}`,
      'Use the version of the lab that wrote it.',
    );
  }
  const head = headSchema.safeParse(document);
  if (head.success) return head.data;
  const [{ path, message }] = head.error.issues;
  throw refuse(
    `its run.json is not the head of a run (${path.join('.') || 'document'}: ${message})`,
    'Choose the folder of a run.',
  );
}
