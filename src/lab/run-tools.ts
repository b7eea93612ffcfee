/** The interpreter that a run's policy may call, and the form of its calls. */
import { callFormat, CallFormatError, suitableFormat } from '../rl/tools/format';
import type { ToolSettings } from '../rl/tools/use';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { Calculator } from '../tools/calculator';
import type { OpenInterpreter, ToolPackage } from '../tools/types';
import { ExperimentError, usesPackages, type Experiment } from './schema';

/** Workers of the sandbox; the policy is decoded meanwhile. */
const WORKERS = 2;

/** The calculator needs no sandbox, and there is none unless whoever runs the experiment brings one. */
const onlyCalculator: OpenInterpreter = (language, limits) => {
  if (language === 'calculator') return Promise.resolve(new Calculator(limits));
  const message = `There is no sandbox for ${language} here. Choose the calculator, or none.`;
  return Promise.reject(new ExperimentError([{ path: 'tools.language', message }]));
};

/**
 * To be closed with the run; undefined where the experiment has no interpreter.
 * @throws ExperimentError when the model lacks a token of the form, or there is no sandbox; ToolError
 */
export async function openTools(
  { tools }: Pick<Experiment, 'tools'>,
  tokenizer: Tokenizer,
  open: OpenInterpreter = onlyCalculator,
  packages: readonly ToolPackage[] = [],
): Promise<ToolSettings | undefined> {
  const { language, format, max_calls: maxCalls, output_chars: outputChars, execute } = tools;
  if (language === 'none') return undefined;
  if (usesPackages({ tools }) && packages.length === 0)
    throw new ExperimentError([{ path: 'tools.packages', message: 'The packages were not read.' }]);
  try {
    const name = format === 'auto' ? suitableFormat(tokenizer) : format;
    const form = callFormat(tokenizer, name, language);
    const interpreter = await open(language, tools, WORKERS, packages);
    return { format: form, language, interpreter, maxCalls, outputChars, execute };
  } catch (error) {
    if (!(error instanceof CallFormatError)) throw error;
    throw new ExperimentError([{ path: 'tools.format', message: error.message }]);
  }
}
