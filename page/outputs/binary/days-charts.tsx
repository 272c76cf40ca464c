import { useCallback, useMemo } from 'preact/hooks';
import type uPlot from 'uplot';
import type { BinaryOutput } from '../../../common/contract/outputs/binary.ts';
import { axis, line } from '../../chart/axes.ts';
import { Chart, type ChartOptions, type Palette } from '../../chart/chart.tsx';
import { NumbersTable } from '../../chart/numbers-table.tsx';
import { formatDate, formatNumber, formatPercent, type Language } from '../../language.ts';
import type { Day } from './days.ts';
import { RiskBadge, riskLabel, toneOf } from './risk.tsx';
import { chartTexts as texts } from './texts.ts';
import { ThresholdKey } from './threshold-key.tsx';

type Props = { days: readonly Day[]; output: BinaryOutput; language: Language };

/** How many predictions there are each day, by risk. */
export function VolumeChart({ days, risks, output, language }: Props & { risks: readonly string[] }) {
  // Each series stands on those before it, and is drawn before them.
  const data = useMemo((): uPlot.AlignedData => {
    const sums = risks.map((_, i) => days.map((day) => total(day, risks.slice(0, i + 1))));
    return [secondsOf(days), ...sums.reverse()];
  }, [days, risks]);
  const options = useCallback(
    (library: typeof uPlot, palette: Palette): ChartOptions => {
      const bars = library.paths.bars?.({ size: [0.8, 40] });
      const series = [...risks].reverse().map((risk) => {
        const colour = palette(`--risk-${toneOf(output, risk)}`);
        return { stroke: colour, fill: colour, width: 0, points: { show: false }, ...(bars && { paths: bars }) };
      });
      return {
        scales: {
          x: { range: rangeOf(days) },
          y: { range: (_, __, max) => [0, Math.max(max, 1) * 1.05] },
        },
        series: [{}, ...series],
        axes: [dayAxis(palette, language), axis(palette, { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000] })],
        ...IN_UTC,
      };
    },
    [days, risks, output, language],
  );
  const describeVolume = (day: Day | undefined) =>
    day ? `${formatDate(language, day.date)}\u2002·\u2002${formatNumber(language, day.count)}` : '';
  const busiest = days.reduce<Day | undefined>((most, day) => (day.count > (most?.count ?? 0) ? day : most), undefined);
  return (
    <>
      <Chart
        summary={`${texts.volume[language]}. Max. ${describeVolume(busiest)}`}
        options={options}
        data={data}
        describePoint={(i) => describeVolume(days[i])}
        language={language}
      />
      <p class="row legend">
        {risks.map((risk) => (
          <RiskBadge key={risk} output={output} risk={risk} language={language} />
        ))}
      </p>
      <NumbersTable
        title={texts.volume[language]}
        language={language}
        head={[texts.day[language], ...risks.map((risk) => riskLabel(output, risk, language)), texts.total[language]]}
        rows={days.map((day) => [
          formatDate(language, day.date),
          ...risks.map((risk) => formatNumber(language, day.risks.get(risk) ?? 0)),
          formatNumber(language, day.count),
        ])}
      />
    </>
  );
}

/** The mean probability of each day that has predictions, against the threshold. */
export function MeanChart({ days, output, language }: Props) {
  const { threshold } = output;
  const data = useMemo((): uPlot.AlignedData => [secondsOf(days), days.map(({ mean }) => mean)], [days]);
  const options = useCallback(
    (_: typeof uPlot, palette: Palette): ChartOptions => {
      const stroke = palette('--accent');
      return {
        scales: {
          x: { range: rangeOf(days) },
          // To the next tenth, so that the axis does not end below the threshold.
          y: { range: (_, __, max) => [0, Math.min(1, Math.ceil(Math.max(max, threshold) * 10 + 0.2) / 10)] },
        },
        series: [{}, { stroke, width: 2, spanGaps: true, points: { show: true, size: 7, fill: stroke } }],
        axes: [
          dayAxis(palette, language),
          axis(palette, { values: (_, splits) => splits.map((it) => formatPercent(language, it, 0)) }),
        ],
        hooks: { draw: [(chart) => line(chart, 'y', threshold, palette('--text'))] },
        ...IN_UTC,
      };
    },
    [days, threshold, language],
  );
  const describeMean = (day: Day | undefined) =>
    day?.mean == null ? '' : `${formatDate(language, day.date)}\u2002·\u2002${formatPercent(language, day.mean)}`;
  const latest = days.findLast(({ mean }) => mean !== null);
  return (
    <>
      <Chart
        summary={`${texts.meanByDay[language]}. ${describeMean(latest)}`}
        options={options}
        data={data}
        describePoint={(i) => describeMean(days[i])}
        language={language}
      />
      <ThresholdKey threshold={threshold} language={language} />
      <NumbersTable
        title={texts.meanByDay[language]}
        language={language}
        head={[texts.day[language], texts.mean[language]]}
        rows={days.map(({ date, mean }) => [
          formatDate(language, date),
          mean === null ? '–' : formatPercent(language, mean),
        ])}
      />
    </>
  );
}

const DAY_S = 86_400;
const HALF_DAY_S = DAY_S / 2;

/** The days as text are in UTC, whatever the reader's time zone. */
const IN_UTC: Pick<ChartOptions, 'tzDate'> = {
  tzDate: (seconds) => {
    const time = new Date(seconds * 1000);
    return new Date(time.getTime() + time.getTimezoneOffset() * 60_000);
  },
};

function secondsOf(days: readonly Day[]): number[] {
  return days.map(({ date }) => Date.parse(date) / 1000);
}

/** Half a day more at each end, for the bars of the first day and the last. Not by what is drawn, which the library widens. */
function rangeOf(days: readonly Day[]): [number, number] {
  const seconds = secondsOf(days);
  return [(seconds[0] ?? 0) - HALF_DAY_S, (seconds.at(-1) ?? 0) + HALF_DAY_S];
}

function dayAxis(palette: Palette, language: Language): uPlot.Axis {
  const locale = language === 'fr' ? 'fr-FR' : 'en-GB';
  const format = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  return axis(palette, {
    grid: { show: false },
    size: 28,
    incrs: [1, 2, 3, 7, 14, 28, 56, 112, 364].map((days) => days * DAY_S),
    values: (_, splits) => splits.map((seconds) => format.format(seconds * 1000)),
  });
}

function total(day: Day, risks: readonly string[]): number {
  return risks.reduce((sum, risk) => sum + (day.risks.get(risk) ?? 0), 0);
}
