import type { DifferingSetting } from '../../lab/comparisons/arms';
import { endInterval, endMetrics, interval, shown } from '../../lab/comparisons/verdict';
import { FIELDS } from '../forms/fields';
import { ArmMark } from './ArmMark';
import type { SideMetrics } from './sides';

/** Where the arms ended: mean over the runs that count, and its 95 % interval. */
export function EndTable({ sides }: { sides: readonly SideMetrics[] }) {
  const metrics = endMetrics(sides);
  return (
    <section aria-labelledby="compare-ends">
      <h3 id="compare-ends">At the end of the runs</h3>
      <p className="muted">
        Mean over the runs that count, and below it the 95 % interval (Student’s t over seeds; one run has
        none). Shares in percent.
      </p>
      <div className="wide-table" role="region" aria-labelledby="compare-ends" tabIndex={0}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Arm</th>
              <th scope="col" className="num">
                Runs
              </th>
              {metrics.map(({ metric, label }) => (
                <th key={metric} scope="col" className="num">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sides.map(({ arm, runs }, i) => (
              <tr key={arm}>
                <th scope="row">
                  <ArmMark arm={i} /> {arm}
                </th>
                <td className="num">{runs.length}</td>
                {metrics.map(({ metric, share }) => {
                  const end = endInterval(runs, metric);
                  return (
                    <td key={metric} className="num">
                      <strong>{shown(end.mean, share)}</strong>
                      {Number.isFinite(end.low) && <span className="muted">{interval(end, share)}</span>}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** The settings in which the arms differ; what is not listed is the same in all. */
export function SettingsTable({ arms, settings }: { arms: readonly string[]; settings: DifferingSetting[] }) {
  return (
    <section aria-labelledby="compare-settings">
      <h3 id="compare-settings">Settings that differ</h3>
      {settings.length === 0 ? (
        <p className="muted">None: the arms have the same settings.</p>
      ) : (
        <div className="wide-table" role="region" aria-labelledby="compare-settings" tabIndex={0}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Setting</th>
                {arms.map((arm, i) => (
                  <th key={arm} scope="col">
                    <ArmMark arm={i} /> {arm}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {settings.map(({ path, values }) => (
                <tr key={path}>
                  <th scope="row">
                    {labelOf(path)} <code className="muted">{path}</code>
                  </th>
                  {values.map((value, i) => (
                    <td key={arms[i]}>{value === '' ? <span className="muted">empty</span> : value}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

export const labelOf = (path: string): string => FIELDS.find((field) => field.path === path)?.label ?? path;
