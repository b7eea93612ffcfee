/** Options: strict numbers, and the groups that several commands share. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { WEIGHT_TYPES } from '../gpu/kernels/packed-weights';

/** Reads a whole number. @throws InvalidArgumentError naming the range; commander adds the option's name. */
export const integer =
  (min: number, max: number) =>
  (text: string): number => {
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };

/** Reads a decimal number. @throws InvalidArgumentError naming the range */
export const decimal =
  (min: number, max: number) =>
  (text: string): number => {
    const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a number from ${min} to ${max}.`);
  };

/** Reads token ids separated by commas. @throws InvalidArgumentError */
export function idList(text: string): number[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.every((part) => /^\d{1,9}$/.test(part))) return parts.map(Number);
  throw new InvalidArgumentError('It must be token ids separated by commas, for instance 1,42,7.');
}

export const SEED = integer(0, 2 ** 31 - 1);
export const STEPS = integer(1, 1_000_000);
export const MAX_TOKENS = integer(1, 4096);

/** 0 is greedy; a temperature closer to 0 than this differs from it by rounding alone. */
const COLDEST = 0.05;

/** @throws InvalidArgumentError naming the range */
export function temperature(text: string): number {
  const value = decimal(0, 4)(text);
  if (value === 0 || value >= COLDEST) return value;
  throw new InvalidArgumentError(`It must be 0 (greedy) or a number from ${COLDEST} to 4.`);
}

/** What can be the name of an option; `->` and `-` are none. */
const OPTION_NAME = /^--?[a-z]/i;

/**
 * Command-line words in which each value of the options `names` is bound to its option: the parser takes a value like `->`
 * for an option otherwise. They end at the next word that can be an option's name.
 */
export function bindValues(words: readonly string[], names: readonly string[]): string[] {
  let active: string | undefined;
  return words.flatMap((word, i) => {
    if (active !== undefined && word !== '--' && !OPTION_NAME.test(word)) return [`${active}=${word}`];
    active = names.includes(word) ? word : undefined;
    // Without a value it stays, for the parser to say so.
    const next = words[i + 1];
    const hasValue = next !== undefined && next !== '--' && !OPTION_NAME.test(next);
    return active !== undefined && hasValue ? [] : [word];
  });
}

export const withJson = (command: Command): Command =>
  command.option('--json', 'print JSON lines on stdout and nothing else', false);

export const withModel = (command: Command): Command =>
  command.requiredOption(
    '--model <DIR>',
    'Hugging Face model directory, or the name of one in public/models',
  );

export const dtypeOption = (description: string): Option =>
  new Option('--dtype <TYPE>', description).choices(WEIGHT_TYPES);

export const withDtype = (command: Command): Command =>
  command.addOption(
    dtypeOption('how the weights are kept in memory; all is computed in float32').default('float32'),
  );

export const withKeepEvery = (command: Command): Command =>
  command.option(
    '--keep-every <K>',
    'keep the checkpoints of every K-th step for good, beside the best and the last two',
    integer(1, 1_000_000),
  );

/** Examples under a command's help. */
export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`;
