import type { PlotPanel } from '../../lab/plot';
import { STUDY_PANELS } from '../../lab/plot';
import { useInTurn } from '../state/turns';
import { ArmChart, PLOT_HEIGHT } from './ArmChart';
import { ArmMark } from './ArmMark';
import type { SideMetrics } from './sides';

/** The curves of all arms, one colour each, redrawn one chart after the other. */
export function ArmCharts({ sides, lastStep }: { sides: readonly SideMetrics[]; lastStep: number }) {
  const several = sides.some(({ runs }) => runs.length > 1);
  const underWay = sides.some(({ unfinished }) => unfinished.some(({ metrics }) => metrics.length > 0));
  return (
    <section aria-labelledby="compare-curves">
      <h3 id="compare-curves">Curves</h3>
      <ul className="legend arms-legend" aria-label="Arms">
        {sides.map(({ arm }, i) => (
          <li key={arm}>
            <ArmMark arm={i} /> {arm}
          </li>
        ))}
        {several && <li className="muted">line: mean over runs · band: lowest to highest run</li>}
        {underWay && <li className="muted">thin: not finished yet</li>}
      </ul>
      <div className="grid main">
        {STUDY_PANELS.map((panel) => (
          <ChartInTurn key={panel.title} panel={panel} sides={sides} lastStep={lastStep} />
        ))}
      </div>
    </section>
  );
}

function ChartInTurn(props: { panel: PlotPanel; sides: readonly SideMetrics[]; lastStep: number }) {
  const sides = useInTurn(props.sides);
  if (!sides) return <figure className="chart" style={{ minHeight: PLOT_HEIGHT }} />;
  return <ArmChart {...props} sides={sides} />;
}
