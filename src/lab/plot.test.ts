import { describe, expect, it } from 'vitest';
import { metricsCsv } from './csv';
import { onPaper } from './picture';
import { meanAndBand, plotArmsSvg, plotPanelSvg, sharedMetric, STUDY_PANELS, type PlotPanel } from './plot';

const panel: PlotPanel = {
  title: 'Accuracy',
  share: false,
  metrics: [
    { name: 'greedy', label: 'greedy' },
    { name: 'sampled', label: 'sampled' },
  ],
};

describe('a picture', () => {
  it('draws the mean over runs and the band between them', () => {
    const runs = [
      [
        { step: 0, greedy: 0 },
        { step: 1, greedy: 1 },
      ],
      [
        { step: 0, greedy: 0.5 },
        { step: 1, greedy: NaN },
        { step: 2, greedy: 1 },
      ],
    ];
    expect(meanAndBand(runs, 'greedy')).toEqual({ steps: [0], mean: [0.25], low: [0], high: [0.5] });
  });

  it('goes below zero where the values do', () => {
    const svg = plotPanelSvg(panel, [
      [
        { step: 0, greedy: -0.9 },
        { step: 10, greedy: 0.4 },
      ],
    ]);
    expect(svg).toMatch(/>-1<\/text>/);
    const [, first, last] = /polyline points="[\d.]+,([\d.]+) [\d.]+,([\d.]+)"/.exec(svg) ?? [];
    expect(Number(first)).toBeGreaterThan(Number(last));
    expect(Number(first)).toBeLessThan(400);
  });

  it('draws thin what lies behind, to the same scale', () => {
    const behind = [
      { step: 0, greedy: 1 },
      { step: 20, greedy: 8 },
    ];
    const curve = [
      { step: 0, greedy: 1 },
      { step: 10, greedy: 2 },
    ];
    const lines = (svg: string) =>
      [...svg.matchAll(/<polyline points="([^"]+)"[^>]*stroke-width="([\d.]+)"/g)].map(
        ([, points, width]) => ({
          points: points.split(' ').map((point) => point.split(',').map(Number)),
          width,
        }),
      );
    const [thin, thick, ...more] = lines(plotPanelSvg(panel, [curve], behind));
    expect(more).toEqual([]);
    expect([thin.width, thick.width]).toEqual(['0.8', '2']);
    expect(thick.points[0]).toEqual(thin.points[0]);
    expect(thin.points[1][0], 'it is twice as long').toBeGreaterThan(thick.points[1][0]);
    expect(thin.points[1][1], 'and higher').toBeLessThan(thick.points[1][1]);
  });

  it('marks a curve of one point', () =>
    expect(plotPanelSvg(panel, [[{ step: 3, greedy: 0.5 }]])).toMatch(/<circle [^>]*r="3"/));

  it('breaks a long legend into rows, and takes names as text', () => {
    const arms = ['<b>', 'a very long name of a run that somebody gave it', 'c'.repeat(90), 'd'.repeat(90)];
    const svg = plotArmsSvg(
      '"&',
      arms.map((arm) => ({ arm, runs: [] })),
    );
    expect(svg).not.toContain('<b>');
    const rows = new Set([...svg.matchAll(/<circle cx="[\d.]+" cy="([\d.]+)" r="4"/g)].map(([, y]) => y));
    expect(rows.size).toBeGreaterThan(1);
  });

  it('is white on paper', () => {
    const svg = plotPanelSvg(panel, []);
    expect(svg).toContain('prefers-color-scheme');
    expect(onPaper(svg)).not.toContain('prefers-color-scheme');
  });
});

it('arms are drawn by a metric that all of them have', () => {
  const lab = { runs: [[{ step: 0, greedy: 0.1, sampled: 0.2 }]] };
  const trl = { runs: [[{ step: 0, sampled: 0.2 }]] };
  expect(sharedMetric(panel, [lab]).name).toBe('greedy');
  expect(sharedMetric(panel, [lab, trl]).name).toBe('sampled');
  expect(sharedMetric(panel, [lab, { runs: [[]] }]).name).toBe('greedy');
  expect(sharedMetric(STUDY_PANELS[2], [lab, trl])).toBe(STUDY_PANELS[2].metrics[0]);
});

describe('CSV', () => {
  it('has a column for each metric, empty where a step lacks it', () =>
    expect(
      metricsCsv([
        { step: 0, a: 1 },
        { step: 2, 'b, c': NaN },
      ]),
    ).toBe('step,a,"b, c"\n0,1,\n2,,NaN\n'));

  it('has the chosen columns, and the steps with any of them', () =>
    expect(
      metricsCsv(
        [
          { step: 0, a: 1, b: 2 },
          { step: 1, b: 3 },
        ],
        ['a'],
      ),
    ).toBe('step,a\n0,1\n'));

  it('makes no formula of a name', () => expect(metricsCsv([{ step: 0, '=1+1': -2 }])).toContain("'=1+1"));
});
