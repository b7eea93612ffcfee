import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer';
import type { RolloutRecord } from '../../store/types';

/**
 * Rollouts as a Parquet file: a row a response under the names of the JSON lines, each term of the reward in a column
 * `rewards.{term}`, null in the rows that lack it. Where there was a tool, `calls` is JSON as in those lines.
 */
export function rolloutsParquet(rollouts: readonly RolloutRecord[]): Uint8Array {
  const terms = [...new Set(rollouts.flatMap(({ rewards }) => Object.keys(rewards)))];
  const column = (
    name: string,
    type: NonNullable<ColumnSource['type']>,
    of: (r: RolloutRecord) => unknown,
    nullable = false,
  ): ColumnSource => ({ name, type, nullable, data: rollouts.map(of) });
  const hasTool = rollouts.some(({ calls }) => calls !== undefined);
  const columnData = [
    column('step', 'INT32', (r) => r.step),
    column('kind', 'STRING', (r) => r.kind),
    column('problemId', 'STRING', (r) => r.problemId),
    column('prompt', 'STRING', (r) => r.prompt),
    column('response', 'STRING', (r) => r.response),
    column('answer', 'STRING', (r) => r.answer, true),
    column('length', 'INT32', (r) => r.length),
    column('finished', 'BOOLEAN', (r) => r.finished),
    column('reward', 'DOUBLE', (r) => r.reward),
    ...terms.map((term) =>
      column(
        `rewards.${term}`,
        'DOUBLE',
        (r) => (Object.hasOwn(r.rewards, term) ? r.rewards[term] : null),
        true,
      ),
    ),
    column('advantage', 'DOUBLE', (r) => r.advantage),
    column('correct', 'BOOLEAN', (r) => r.correct),
    column('verdict', 'STRING', (r) => r.verdict),
    column('equations.right', 'INT32', (r) => r.equations.right),
    column('equations.total', 'INT32', (r) => r.equations.total),
    ...(hasTool
      ? [
          column('calls', 'JSON', (r) => r.calls ?? null, true),
          column('toolTokens', 'INT32', (r) => r.toolTokens ?? null, true),
        ]
      : []),
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData, createdBy: 'reasoning-rl-lab' }));
}
