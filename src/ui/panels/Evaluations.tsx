import { END_METRICS, shown } from '../../lab/comparisons/verdict';
import { evalName, furtherSets, type StepMetrics } from '../../lab/metrics';
import { readExperiment } from '../../lab/schema';
import type { RunRecord } from '../../store/types';
import { useLab } from '../state/context';

const NONE: StepMetrics[] = [];
const METRICS = END_METRICS.filter(({ metric }) => metric.startsWith('eval/'));

/** The first evaluation against the newest one, a row for each set that the run is evaluated on. */
export function Evaluations({ run }: { run: RunRecord }) {
  const metrics = useLab((lab) => lab.open?.metrics ?? NONE);
  const evaluations = metrics.filter((line) => METRICS.some(({ metric }) => Number.isFinite(line[metric])));
  const first = evaluations.at(0);
  const last = evaluations.at(-1);
  if (!first || !last)
    return (
      <p className="muted pad">The first evaluation’s numbers appear here, and later ones beside them.</p>
    );
  const own = readExperiment(run.experiment)?.data.task ?? 'its own set';
  const sets = [undefined, ...furtherSets([metrics])];
  const trained = last === first ? undefined : last;
  return (
    <section aria-labelledby="ends-title" className="pad">
      <p id="ends-title" className="muted">
        Held-out questions of each set at step {first.step}
        {trained ? ` → step ${trained.step}` : ', before training'}; below, the 95 % interval of the newest
        accuracy over problems. Shares in percent.
      </p>
      <div className="wide-table" role="region" aria-labelledby="ends-title" tabIndex={0}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Set</th>
              {METRICS.map(({ metric, label }) => (
                <th key={metric} scope="col" className="num">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sets.map((set) => (
              <tr key={set ?? ''}>
                <th scope="row">{set ?? own}</th>
                {METRICS.map(({ metric, share }) => (
                  <Ends key={metric} name={evalName(metric, set)} {...{ first, trained, share }} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

interface EndsProps {
  name: string;
  first: StepMetrics;
  /** The newest evaluation, where there are two. */
  trained: StepMetrics | undefined;
  share: boolean;
}

function Ends({ name, first, trained, share }: EndsProps) {
  const { [`${name}_low`]: low, [`${name}_high`]: high } = trained ?? first;
  return (
    <td className="num">
      {trained ? (
        <>
          {shown(first[name], share)} → <strong>{shown(trained[name], share)}</strong>
        </>
      ) : (
        <strong>{shown(first[name], share)}</strong>
      )}
      {Number.isFinite(low) && (
        <span className="muted">
          {shown(low, share)} to {shown(high, share)}
        </span>
      )}
    </td>
  );
}
