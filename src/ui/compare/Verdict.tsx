import { judgeFinding, leadSentence, type Agreement } from '../../lab/comparisons/verdict';
import type { Comparison, Finding } from '../../lab/comparisons/types';
import type { SideMetrics } from './sides';

const ICONS: Record<Agreement | 'waiting', string> = {
  agrees: '✓',
  disagrees: '✗',
  undecided: '?',
  waiting: '…',
};

/** What the runs say, and whether the paper found the same. */
export function Verdict({ comparison, sides }: { comparison: Comparison; sides: readonly SideMetrics[] }) {
  const [finished, total] = [
    sides.reduce((sum, { runs }) => sum + runs.length, 0),
    sides.reduce((sum, { runs, unfinished }) => sum + runs.length + unfinished.length, 0),
  ];
  return (
    <section className="compare-verdict" aria-labelledby="compare-verdict">
      <h3 id="compare-verdict">Verdict</h3>
      <p className="lead">
        {finished > 0 ? leadSentence(comparison, sides) : 'No run is finished yet.'}
        {finished > 0 && finished < total && (
          <span className="muted"> So far: {`${finished} of ${total} runs are finished.`}</span>
        )}
      </p>
      {comparison.findings.length > 0 && (
        <ul>
          {comparison.findings.map((finding) => (
            <Judged key={`${finding.metric} ${finding.higher} ${finding.lower}`} {...{ finding, sides }} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Judged({ finding, sides }: { finding: Finding; sides: readonly SideMetrics[] }) {
  const known = [finding.higher, finding.lower].every((name) =>
    sides.some(({ arm, runs }) => arm === name && runs.length > 0),
  );
  const { agreement, sentence } = known
    ? judgeFinding(finding, sides)
    : {
        agreement: 'waiting' as const,
        sentence: `“${finding.higher}” and “${finding.lower}” need a finished run each. Paper: ${finding.paper}`,
      };
  return (
    <li>
      <span className={`pill agreement ${agreement}`}>
        <span aria-hidden="true">{ICONS[agreement]}</span> {agreement}
      </span>
      <span>{sentence}</span>
    </li>
  );
}
