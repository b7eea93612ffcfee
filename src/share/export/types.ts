/** A study to go on with elsewhere, and how its settings are said there. */
import type { Questions } from '../../lab/questions';
import type { Experiment } from '../../lab/schema';
import type { ModelConfig } from '../../model/config';

export interface Study {
  experiment: Experiment;
  questions: Questions;
  config: ModelConfig;
  /** Contents of tokenizer_config.json. */
  tokenizerConfig: unknown;
}

export interface TextFile {
  /** Inside the exported folder, with `/`. */
  path: string;
  text: string;
}

/** A setting by its place in the experiment, as `rollout.temperature`. */
export type FieldPath = {
  [S in keyof Experiment]: Experiment[S] extends object ? `${S}.${keyof Experiment[S] & string}` : S;
}[keyof Experiment];

export type Argument =
  string | number | boolean | readonly number[] | readonly string[] | Readonly<Record<string, string>>;
export type Arguments = Readonly<Record<string, Argument>>;

/** How one setting is said in a framework. */
export interface Rule {
  /** As arguments, by name; what is undefined is left out. */
  args?: (experiment: Experiment, study: Study) => Readonly<Record<string, Argument | undefined>>;
  /** In this file of the export. */
  file?: string;
  /** What differs from its meaning in the lab; undefined where nothing does. */
  note?: (experiment: Experiment, study: Study) => string | undefined;
}

/** A setting without a rule has no equivalent; NOTES.md names it. */
export type Mapping = Readonly<Partial<Record<FieldPath, Rule>>>;
