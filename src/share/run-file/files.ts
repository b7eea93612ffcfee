/** What an import reads, below the zip's folder; the other files are for other programs. */
export const FILES = {
  head: 'run.json',
  experiment: 'experiment.json',
  metrics: 'metrics.jsonl',
  rollouts: 'rollouts.jsonl',
  /** Of the run whose curves lie behind. */
  reference: 'reference.jsonl',
  /** A person's own questions, which the run asks. */
  dataset: 'dataset.jsonl',
  /** A person's own demonstrations, which the run's cold start learns from. */
  demonstrations: 'demonstrations.jsonl',
  checkpoints: 'checkpoints/',
} as const;
