/**
 * Which questions have an answer that can be checked, by the curation of arXiv 2503.04548: no multiple choice, proofs,
 * open or multi-part questions. Each rule is a predicate; all take linear time.
 */
import type { Item } from './item';

/** The labels stand in the text in this order, each after its pattern's left side and before its right side. */
function inOrder(text: string, labels: readonly string[], left: string, right: string): boolean {
  let at = 0;
  return labels.every((label) => {
    const found = new RegExp(`(?<![\\p{L}\\p{N}(\\\\])${left}${label}${right}`, 'gu');
    found.lastIndex = at;
    const match = found.exec(text);
    at = found.lastIndex;
    return match !== null;
  });
}

/** At the start of a sentence, or of a command within one. */
const command = (words: string) =>
  new RegExp(`(?:^|[.;:?!,] |\\b(?:and|then|please|to) )(?:${words})(?![\\p{L}\\p{N}_])`, 'iu');

const CHOICE =
  /\b(?:which (?:one )?of the following|(?:choose|select|pick) (?:the|all|one) (?:correct|best|right|that apply))/i;
const CHOICE_LABELS = ['A', 'B', 'C'];

/** Options to choose from: `(A) 3 (B) 4 (C) 5`, "which of the following", or a field of options. */
export const isMultipleChoice = ({ question, options }: Item): boolean =>
  options ||
  CHOICE.test(question) ||
  inOrder(question, CHOICE_LABELS, '\\(', '\\)') ||
  inOrder(question, CHOICE_LABELS, '', '\\)') ||
  inOrder(question, CHOICE_LABELS, '', '[.:] ');

const PROOF = command('prove|show that|demonstrate that|justify|give a proof|disprove|verify that');

/** Asks for a proof. */
export const isProof = ({ question }: Item): boolean => PROOF.test(question);

const hasParts = (text: string): boolean =>
  inOrder(text, ['a', 'b'], '\\(', '\\) ') ||
  inOrder(text, ['a', 'b'], '', '\\) ') ||
  inOrder(text, ['i', 'ii'], '\\(', '\\) ');

/** Asks several things: `(a) … (b) …`, several answers, or a conversation with several questions. */
export const isMultiPart = ({ question, answer, severalParts }: Item): boolean =>
  severalParts || hasParts(question) || hasParts(answer);

const OPEN = command(
  'explain|describe|discuss|why|summari[sz]e|compare and contrast|give an example|how would you|what do you think|' +
    'what is your opinion|write an? (?:short )?(?:essay|story|poem|paragraph|letter|report|email)',
);
const OWN_WORDS = /\bin your own words\b/i;

/** Has many good answers: an explanation, an opinion, a text. */
export const isOpenEnded = ({ question }: Item): boolean => OPEN.test(question) || OWN_WORDS.test(question);

/** A longer answer is a text, not a value. */
const MAX_ANSWER = 100;
const NO_ANSWER =
  /^(?:n\/?a|nan|null|none given|undefined|unknown|no answer|\?+|-+|see .*|answers? (?:may|will) vary.*)$/i;

/** Whether an answer can be compared with a response at all: short, on one line, and not a word for "no answer". */
export const isComparable = (answer: string): boolean =>
  answer !== '' && answer.length <= MAX_ANSWER && !answer.includes('\n') && !NO_ANSWER.test(answer);
