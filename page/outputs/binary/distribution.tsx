import { useCallback, useMemo } from 'preact/hooks';
import type uPlot from 'uplot';
import type { BinaryOutcome, BinaryOutput } from '../../../common/contract/outputs/binary.ts';
import { countBetween, unitEdges } from '../../../common/history/statistics.ts';
import { axis, line } from '../../chart/axes.ts';
import { Chart, type ChartOptions, type Palette } from '../../chart/chart.tsx';
import { NumbersTable } from '../../chart/numbers-table.tsx';
import { formatNumber, formatPercent, type Language } from '../../language.ts';
import type { OutcomesProps } from '../output-charts.ts';
import { toneOf } from './risk.tsx';
import { chartTexts, texts } from './texts.ts';
import { ThresholdKey } from './threshold-key.tsx';

const BINS = 20;
const EDGES = unitEdges(BINS);
const LEFT_EDGES = EDGES.slice(0, -1);

type Props = OutcomesProps<BinaryOutcome> & { output: BinaryOutput };

/** How many probabilities there are in each twentieth, on the risk bands, against the threshold. */
export function Distribution({ outcomes, output, language }: Props) {
  const { threshold } = output;
  const probabilities = useMemo(() => outcomes.map(({ probability }) => probability), [outcomes]);
  const counts = useMemo(() => countBetween(EDGES, probabilities), [probabilities]);
  const data = useMemo((): uPlot.AlignedData => [LEFT_EDGES, counts], [counts]);
  const options = useCallback(
    (library: typeof uPlot, palette: Palette) => distributionOptions(library, palette, output, language),
    [output, language],
  );
  const percent = (share: number) => formatPercent(language, share, 0);
  const bin = (i: number) => `${percent(EDGES[i] ?? 0)} – ${percent(EDGES[i + 1] ?? 1)}`;
  const above = probabilities.filter((it) => it >= threshold).length;
  return (
    <>
      <Chart
        summary={describeDistribution(probabilities.length, above, formatPercent(language, threshold), language)}
        options={options}
        data={data}
        describePoint={(i) => `${bin(i)}\u2002·\u2002${formatNumber(language, counts[i] ?? 0)}`}
        language={language}
      />
      <ThresholdKey threshold={threshold} language={language} />
      <NumbersTable
        title={chartTexts.distribution[language]}
        language={language}
        head={[texts.probability[language], chartTexts.count[language]]}
        rows={counts.map((count, i) => [bin(i), formatNumber(language, count)])}
      />
    </>
  );
}

function distributionOptions(
  library: typeof uPlot,
  palette: Palette,
  output: BinaryOutput,
  language: Language,
): ChartOptions {
  const { bands, threshold } = output;
  const bars = library.paths.bars?.({ align: 1, size: [1, Number.POSITIVE_INFINITY], gap: 1 });
  return {
    scales: { x: { time: false, range: [0, 1] }, y: { range: (_, __, max) => [0, Math.max(max, 1) * 1.05] } },
    series: [
      {},
      {
        stroke: palette('--accent'),
        fill: palette('--accent'),
        width: 0,
        points: { show: false },
        ...(bars && { paths: bars }),
      },
    ],
    axes: [
      axis(palette, {
        grid: { show: false },
        size: 28,
        space: 44,
        values: (_, splits) => splits.map((it) => formatPercent(language, it, 0)),
      }),
      axis(palette, { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000] }),
    ],
    hooks: {
      drawClear: [
        (chart) => {
          for (const [i, { id, from }] of bands.entries()) {
            const left = chart.valToPos(from, 'x', true);
            const right = chart.valToPos(bands[i + 1]?.from ?? 1, 'x', true);
            chart.ctx.fillStyle = palette(`--risk-${toneOf(output, id)}-soft`);
            chart.ctx.fillRect(left, chart.bbox.top, right - left, chart.bbox.height);
          }
        },
      ],
      draw: [(chart) => line(chart, 'x', threshold, palette('--text'))],
    },
  };
}

function describeDistribution(total: number, above: number, threshold: string, language: Language): string {
  const [all, reached] = [formatNumber(language, total), formatNumber(language, above)];
  return language === 'fr'
    ? `Répartition des probabilités\u00a0: ${reached} sur ${all} atteignent le seuil de ${threshold}.`
    : `Distribution of the probabilities: ${reached} of ${all} reach the threshold of ${threshold}.`;
}
