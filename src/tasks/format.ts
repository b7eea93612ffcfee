/** The Zero format of arXiv 2503.04548: `<think> … </think> <answer> … </answer>`. */

const TAGS = ['<think>', '</think>', '<answer>', '</answer>'];

/**
 * Each of the four tags exactly once and in order; the response opens with `<think>` (which the Zero prompts write already:
 * then without it) and ends with `</answer>`; both parts non-empty; only white space between `</think>` and `<answer>`.
 */
export function hasZeroFormat(response: string): boolean {
  const text = response.trim();
  const whole = text.startsWith('<think>') ? text : `<think>${text}`;
  const places = TAGS.map((tag) => whole.indexOf(tag));
  if (TAGS.some((tag, i) => places[i] < 0 || whole.indexOf(tag, places[i] + 1) >= 0)) return false;
  const [think, thinkEnd, answer, answerEnd] = places;
  const between = (i: number, from: number, to: number) => whole.slice(from + TAGS[i].length, to).trim();
  return (
    think === 0 &&
    whole.endsWith('</answer>') &&
    think < thinkEnd &&
    thinkEnd < answer &&
    answer < answerEnd &&
    between(0, think, thinkEnd) !== '' &&
    between(1, thinkEnd, answer) === '' &&
    between(2, answer, answerEnd) !== ''
  );
}

/** What stands in the last `<answer> … </answer>`, trimmed; null when there is none. */
export function lastAnswerTag(response: string): string | null {
  const end = response.lastIndexOf('</answer>');
  const start = end < 0 ? -1 : response.lastIndexOf('<answer>', end);
  return start < 0 ? null : response.slice(start + '<answer>'.length, end).trim();
}

/** The response as an answer checker reads it: an answer tag without a box counts as boxed. */
export function answerText(response: string): string {
  const tagged = lastAnswerTag(response);
  if (tagged === null) return response;
  return tagged.includes('\\boxed') ? tagged : `\\boxed{${tagged}}`;
}
