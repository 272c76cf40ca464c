import './dashboard.css';
import { useMemo, useState } from 'preact/hooks';
import type { Contract } from '../../common/contract/contract.ts';
import type { History, TabProps } from '../backend.ts';
import { Failure } from '../failure.tsx';
import { colon, formatNumber, type Language } from '../language.ts';
import { outputCharts } from '../outputs/charts.ts';
import { addressOf } from '../route.ts';
import { aggregate, type Observed, type Overview } from './aggregate.ts';
import { DriftTable } from './drift-table.tsx';
import { lastDays, newestKnownOnly, newestOnly, texts } from './texts.ts';
import { LIMIT, usePredictions } from './use-predictions.ts';

const PERIODS = [7, 30, 90];

/** How much the model was asked, its answers, their quality, and the drift of its inputs. */
export function DashboardTab({ backend: { history }, contract, language }: TabProps) {
  return history && <Dashboard history={history} contract={contract} language={language} />;
}

type Props = { history: History; contract: Contract; language: Language };

function Dashboard({ history, contract, language }: Props) {
  const [days, setDays] = useState<number | null>(30);
  const from = useMemo(() => (days === null ? null : dayBefore(days - 1)), [days]);
  const { count, all, known, failure, again } = usePredictions(history, from);
  const overview = useMemo(
    () => all && known && aggregate(all.predictions, known.predictions, contract),
    [all, known, contract],
  );
  return (
    <>
      <div class="row dashboard-head">
        <h2>{texts.title[language]}</h2>
        <p class="row no-print">
          <label for="period">{texts.period[language]}</label>
          <select
            id="period"
            value={String(days)}
            onChange={({ currentTarget: { value } }) => setDays(value === 'null' ? null : Number(value))}
          >
            {PERIODS.map((period) => (
              <option key={period} value={String(period)}>
                {lastDays(period)[language]}
              </option>
            ))}
            <option value="null">{texts.all[language]}</option>
          </select>
          <button type="button" onClick={again}>
            {texts.refresh[language]}
          </button>
        </p>
      </div>
      {failure !== null && <Failure error={failure} language={language} retry={again} />}
      {!overview && failure === null && (
        <label>
          {texts.reading[language]} <span class="numbers">({formatNumber(language, count)})</span>
          <progress class="reading" />
        </label>
      )}
      {overview?.total === 0 && <p class="note">{texts.empty[language]}</p>}
      {all?.isCut && (
        <p class="caution">
          {newestOnly(LIMIT)[language]} {!known?.isCut && texts.allKnown[language]}
        </p>
      )}
      {all && overview && overview.total > 0 && (
        <Panels
          {...{ overview, contract, language }}
          predictions={all.predictions}
          isKnownCut={known?.isCut ?? false}
        />
      )}
    </>
  );
}

type PanelsProps = {
  overview: Overview;
  predictions: readonly Observed[];
  /** Whether more outcomes are known than are compared. */
  isKnownCut: boolean;
  contract: Contract;
  language: Language;
};

function Panels({ overview, predictions, isKnownCut, contract, language }: PanelsProps) {
  const { total, known, days, versions } = overview;
  const charts = outputCharts(contract.output);
  const figures = [
    { term: texts.total[language], text: formatNumber(language, total) },
    ...charts.figures(predictions, language),
    { term: texts.known[language], text: `${formatNumber(language, known)}${isKnownCut ? '+' : ''}` },
  ];
  return (
    <div class="dashboard">
      <section class="panel wide">
        <dl class="figures">
          {figures.map(({ term, text }) => (
            <div key={term}>
              <dt>{term}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
        {versions.size > 1 && (
          <p class="small quiet">
            {texts.versions[language]}
            {colon(language)}
            {[...versions].map(([name, count]) => `${name} (${formatNumber(language, count)})`).join(', ')}
          </p>
        )}
        <p class="small quiet last">{texts.utc[language]}</p>
      </section>
      <charts.Panels outcomes={predictions} days={days} language={language} />
      <section class="panel wide">
        <h3>{texts.quality[language]}</h3>
        {isKnownCut && <p class="caution">{newestKnownOnly(LIMIT)[language]}</p>}
        {known > 0 ? (
          <charts.Quality comparison={overview.comparison} language={language} />
        ) : (
          <p class="note">
            {charts.withoutOutcomes[language]} <a href={addressOf('history')}>{texts.openHistory[language]}</a>
          </p>
        )}
      </section>
      <section class="panel wide">
        <h3>{texts.drift[language]}</h3>
        <DriftTable drift={overview.drift} contract={contract} language={language} />
      </section>
    </div>
  );
}

/** The ISO date, in UTC, of so many days ago. */
function dayBefore(days: number): string {
  const day = new Date();
  day.setUTCDate(day.getUTCDate() - days);
  return day.toISOString().slice(0, 10);
}
