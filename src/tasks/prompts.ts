/** How a question is put to the model (arXiv 2503.04548, section 3.1 and appendix). */

export type PromptTemplate = 'task' | 'short' | 'long' | 'chat' | 'own';

const ROLES =
  'A conversation between User and Assistant. The user asks a question, and the Assistant solves it. The assistant first thinks about the reasoning process in the mind and then provides the user with the answer.';
const TAGS =
  'The reasoning process and answer are enclosed within <think> </think> and <answer> </answer> tags, respectively, i.e., <think> reasoning process here </think> <answer> answer here </answer>.';
const PROCESS =
  'While thinking, the Assistant analyses the question, summarises what is known, brainstorms ideas, verifies the accuracy of the current steps, refines any errors and revisits previous steps. It may use phrases such as "Hmm", "Wait", "Alternatively", "double check", "I wonder...", "But" and "rethink" to make the reasoning coherent, clear and natural.';
const TURN = 'User: {question}\nAssistant: <think>';

/** The Zero prompts of the study. */
export const ZERO_PROMPTS: Readonly<Record<'short' | 'long', string>> = {
  short: `${ROLES} ${TAGS} ${TURN}`,
  long: `${ROLES} ${PROCESS} ${TAGS} ${TURN}`,
};

/** Where the question goes in a person's own prompt. */
export const QUESTION = '{question}';

export interface PromptSettings {
  template: PromptTemplate;
  /** Of `own`: a text with `{question}` in it. */
  own: string;
}
