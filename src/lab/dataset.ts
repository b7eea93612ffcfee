/** A person's own questions in an experiment: found, recognised by their hash, and readable by the model. */
import type { ModelDirectory } from '../model/directory';
import { promptEncoder, type PromptEncoder } from '../rl/prompt';
import type { ImportedDemonstration } from '../sft/dataset';
import { sha256OfProblems } from '../tasks/import/sha256';
import type { Problem } from '../tasks/types';
import { Tokenizer, TokenizerError } from '../tokenizer/tokenizer';
import type { Wheel } from '../tools/packages/wheel';
import { prepareDemonstrations, usesDemonstrations, type DemonstrationsReader } from './demonstrations';
import { longestPrompt, questionsOf } from './questions';
import { ExperimentError, usesDataset, type Experiment } from './schema';

/** What a run is made of, checked. */
export interface Prepared {
  /** With the hash of its data set, where it has one. */
  experiment: Experiment;
  model: ModelDirectory;
  /** The problems of the data set. */
  dataset?: readonly Problem[];
  /** What the Python of calls may import. */
  packages?: readonly Wheel[];
  /** What stands in the file that the cold start learns from. */
  demonstrations?: readonly ImportedDemonstration[];
}

/** The problems of a data set by its name; undefined when there is none such. */
export type DatasetReader = (name: string) => Promise<readonly Problem[] | undefined>;

const refusal = (path: string, message: string) => new ExperimentError([{ path, message }]);

/**
 * Reads the data set that an experiment asks and the demonstrations that it learns from, if any, and checks before anything is
 * stored or computed that there is something to ask, and that the model can read what is a person's own or a further set of
 * the evaluation.
 * @param readDemonstrations absent for what needs none: a run that has made its demonstrations keeps them in its checkpoint
 * @throws ExperimentError when the data set is not there, not the one whose hash the experiment holds, or not usable with
 * this model and these levels, or a further set or the file of demonstrations is not; what the readers throw
 */
export async function prepareRun(
  experiment: Experiment,
  model: ModelDirectory,
  read: DatasetReader,
  readDemonstrations?: DemonstrationsReader,
): Promise<Prepared> {
  const dataset = usesDataset(experiment) ? await read(experiment.data.file) : undefined;
  const pinned = usesDataset(experiment) ? await withHash(experiment, dataset) : experiment;
  const { train, evaluation, further, all } = questionsOf(pinned, dataset);
  const isOwn = pinned.data.task === 'imported';
  const reads = usesDemonstrations(pinned) ? readDemonstrations : undefined;
  if (!isOwn && further.length === 0 && !reads) return { experiment, model };
  const tokenizer = new Tokenizer(model.tokenizer, model.tokenizerConfig);
  const encodePrompt = promptEncoder(tokenizer, model.tokenizerConfig, pinned.prompt);
  if (isOwn || further.length > 0) {
    const room = model.config.maxPositionEmbeddings - pinned.rollout.max_completion_length;
    const refuseUnreadable = (path: string, problems: readonly Problem[], of?: string) => {
      const fault = unreadable(problems, encodePrompt, room, of);
      if (fault) throw refusal(path, fault);
    };
    if (isOwn) refuseUnreadable('data.file', [...train, ...evaluation]);
    for (const { name, problems } of further)
      refuseUnreadable('evaluation.eval_dataset', problems, ` of the further set “${name}”`);
  }
  const longest = () => longestPrompt(all, encodePrompt) + pinned.rollout.max_completion_length;
  const held = new Set([evaluation, ...further.map(({ problems }) => problems)].flat().map((p) => p.prompt));
  const learnt = reads && (await prepareDemonstrations(pinned, model, { longest: longest(), held }, reads));
  return { experiment: pinned, model, ...(dataset && { dataset }), ...learnt };
}

async function withHash(
  experiment: Experiment,
  dataset: readonly Problem[] | undefined,
): Promise<Experiment> {
  const { data } = experiment;
  if (!dataset)
    throw refusal(
      'data.file',
      `There is no data set “${data.file}” here: it was deleted, renamed or never imported. Runs and their results are kept. Import it again under this name, or choose another.`,
    );
  const sha256 = await sha256OfProblems(dataset);
  if (data.sha256 !== '' && data.sha256 !== sha256)
    throw refusal(
      'data.sha256',
      `The data set “${data.file}” has changed: its questions and answers have the SHA-256 ${short(sha256)}, the experiment was made with ${short(data.sha256)}. What was computed is kept. Bring the former data set back, or start a new run with this field empty.`,
    );
  return { ...experiment, data: { ...data, sha256 } };
}

const short = (sha256: string): string => `${sha256.slice(0, 12)}…`;

/** How many of the questions a message quotes. */
const SHOWN = 3;

/**
 * Tokenises every question: in a run it would be noticed only when the question is drawn.
 * @param room most tokens of a prompt that leave the model's positions enough for a response
 * @param of which questions they are, in words
 * @returns a sentence naming the first questions that the model cannot read or has no room for; undefined when it can all
 */
export function unreadable(
  problems: readonly Problem[],
  encodePrompt: PromptEncoder,
  room: number,
  of = '',
): string | undefined {
  const faults: string[] = [];
  for (const { prompt } of problems) {
    const fault = faultOf(prompt, encodePrompt, room);
    if (fault) faults.push(`“${prompt.slice(0, 60)}” (${fault})`);
  }
  if (faults.length === 0) return undefined;
  const list = faults.slice(0, SHOWN).join('; ') + (faults.length > SHOWN ? ' …' : '');
  return `The base model cannot read ${faults.length} of the ${problems.length} questions${of}: ${list}. Choose another base model, or take ${of ? 'it' : 'these questions'} out.`;
}

function faultOf(prompt: string, encodePrompt: PromptEncoder, room: number): string | undefined {
  try {
    const { length } = encodePrompt(prompt);
    return length > room ? `${length} tokens, room for ${Math.max(0, room)}` : undefined;
  } catch (error) {
    if (error instanceof TokenizerError) return error.message.replace(/\.$/, '');
    throw error;
  }
}
