/** The interpreter that a policy may call while it answers. */
import { CALL_FORMATS, DEFAULT_LIMITS, LIMIT_RANGES, TOOL_LANGUAGES } from '../../tools/types';
import { choice, flag, integer, number, section, text } from './fields';

export const toolsSection = section('Tools', {
  language: choice(['none', ...TOOL_LANGUAGES], 'none', {
    label: 'Interpreter',
    help: 'What the policy may call while it answers. calculator: exact arithmetic. javascript: QuickJS. python: with its standard library. All run apart from the page and the network, and give the same result every time.',
  }),
  packages: text(4000, '', {
    label: 'Packages',
    help: 'Wheels of pure Python that calls may import besides the standard library, with commas between them: in the browser names of added ones, headless paths.',
  }),
  packages_sha256: text(4000, '', {
    label: 'Packages, SHA-256',
    help: 'Of each wheel, in the same order, filled in when a run starts: a wheel that has changed is refused. Empty is any.',
    advanced: true,
  }),
  max_calls: integer(1, 64, 4, {
    label: 'Calls a response',
    unit: 'calls',
    help: 'Later calls of the same response are answered by an error. What a call is answered by counts towards the response limit.',
  }),
  execute: flag(true, {
    label: 'Run the calls',
    help: 'Off, calls are written and counted but nothing is run or inserted: the policy writes on. Shows what the results are worth.',
  }),
  format: choice(['auto', ...CALL_FORMATS], 'auto', {
    label: 'Form of a call',
    help: 'tags: <tool> … <out> … </tool>, words of the tiny model. block: ```python, answered by ```output. tool_call: Qwen’s <tool_call> with JSON. auto: tags where the model has their words, else block.',
    advanced: true,
  }),
  seconds: number(...LIMIT_RANGES.seconds, DEFAULT_LIMITS.seconds, {
    label: 'Time of a call',
    unit: 'seconds',
    help: 'A call that takes longer is stopped, and fails.',
    step: 0.5,
  }),
  memory_mb: integer(...LIMIT_RANGES.memory_mb, DEFAULT_LIMITS.memory_mb, {
    label: 'Memory of a call',
    unit: 'MiB',
    help: 'What the interpreter needs itself included: Python starts with 30.',
    step: 64,
    advanced: true,
  }),
  output_chars: integer(...LIMIT_RANGES.output_chars, DEFAULT_LIMITS.output_chars, {
    label: 'Output of a call',
    unit: 'characters',
    help: 'Of a longer output the model sees the first and the last half of so many.',
    step: 100,
    advanced: true,
  }),
});

/** What stands in a list with commas: names of packages, or their hashes. */
export const parsePackages = (list: string): string[] =>
  list
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);

/** Whether calls may import what a person added. */
export const usesPackages = ({ tools }: { tools: { language: string; packages: string } }): boolean =>
  tools.language === 'python' && parsePackages(tools.packages).length > 0;
