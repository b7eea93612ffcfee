import { reportMarkdown } from '../../lab/comparisons/report';
import { plotArmsSvg } from '../../lab/plot';
import { download } from '../download';
import { settingsOfSides, type SideMetrics, type Sides } from './sides';

/** The report and its picture, as `lab compare` writes them. */
export function Downloads({ sides, metrics }: { sides: Sides; metrics: readonly SideMetrics[] }) {
  const { slug, comparison } = sides;
  const picture = `${slug}.svg`;
  const known = metrics.some(({ runs }) => runs.length > 0);
  return (
    <div className="actions">
      <button
        disabled={!known}
        onClick={() =>
          download(
            `${slug}.md`,
            'text/markdown',
            reportMarkdown(comparison, metrics, picture, { settings: settingsOfSides(sides) }),
          )
        }
      >
        Download report
      </button>
      <button
        disabled={!known}
        onClick={() => download(picture, 'image/svg+xml', plotArmsSvg(comparison.title, metrics))}
      >
        Download picture
      </button>
      <span className="muted">Markdown, and the SVG that it shows: keep both in one folder.</span>
    </div>
  );
}
