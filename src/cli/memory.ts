/** `lab run --dry-run`: how much GPU memory an experiment takes. */
import type { Prepared } from '../lab/dataset';
import { memoryOf, PART_LABELS, type DeviceLimits, type MemoryPart } from '../lab/memory';
import { longestPrompt, questionsOf } from '../lab/questions';
import { promptEncoder } from '../rl/prompt';
import { Tokenizer } from '../tokenizer/tokenizer';
import { row, type Output } from './output';

const WIDTHS = [20, 12];

/** Prints bytes by part, in all, and with the settings that would take fewer. @throws GpuError, TokenizerError */
export function printMemory(
  output: Output,
  { experiment, model, dataset }: Prepared,
  limits: DeviceLimits,
): void {
  const tokenizer = new Tokenizer(model.tokenizer, model.tokenizerConfig);
  const encodePrompt = promptEncoder(tokenizer, model.tokenizerConfig, experiment.prompt);
  const longest = longestPrompt(questionsOf(experiment, dataset).all, encodePrompt);
  const { parts, bytes, savings } = memoryOf(experiment, model.config, limits, longest);
  output.record({ memory: { ...parts, total: bytes }, savings });
  for (const [part, size] of Object.entries(parts))
    if (size > 0) output.line(line(PART_LABELS[part as MemoryPart], size));
  output.line(line('in all', bytes));
  for (const saving of savings)
    output.line(`${saving.setting} = ${saving.to}: ${megabytes(saving.bytes)} in all`);
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const line = (label: string, bytes: number): string => row([label, megabytes(bytes)], WIDTHS);
