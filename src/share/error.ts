/** A link that cannot be read: what is wrong with it, and what to do. Nothing has been changed. */
export class LinkError extends Error {
  constructor(
    problem: string,
    remedy = 'Ask the sender for the link once more, or for the experiment as a file.',
  ) {
    super(`This link cannot be opened: ${problem}. Nothing was changed. ${remedy}`);
    this.name = 'LinkError';
  }
}
