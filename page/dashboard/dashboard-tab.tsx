import './dashboard.css';
import { useMemo, useState } from 'preact/hooks';
import type { Contract } from '../../common/contract/contract.ts';
import type { History, TabProps } from '../backend.ts';
import { Distribution } from '../chart/distribution.tsx';
import { Failure } from '../failure.tsx';
import { formatNumber, formatPercent, type Language } from '../language.ts';
import { RiskBadge } from '../risk.tsx';
import { aggregate, type Overview } from './aggregate.ts';
import { MeanChart, VolumeChart } from './days-charts.tsx';
import { DriftTable } from './drift-table.tsx';
import { Quality } from './quality.tsx';
import { lastDays, newestOnly, texts } from './texts.ts';
import { LIMIT, usePredictions } from './use-predictions.ts';

const PERIODS = [7, 30, 90];

/** What the model has been asked and has answered, and how it does. */
export function DashboardTab({ backend: { history }, contract, language }: TabProps) {
  return history && <Dashboard history={history} contract={contract} language={language} />;
}

type Props = { history: History; contract: Contract; language: Language };

function Dashboard({ history, contract, language }: Props) {
  const [days, setDays] = useState<number | null>(30);
  const from = useMemo(() => (days === null ? null : dayBefore(days - 1)), [days]);
  const { count, predictions, isCut, failure, again } = usePredictions(history, from);
  const overview = useMemo(() => predictions && aggregate(predictions, contract), [predictions, contract]);
  const probabilities = useMemo(() => predictions?.map(({ probability }) => probability) ?? [], [predictions]);
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
      {isCut && <p class="caution">{newestOnly(LIMIT)[language]}</p>}
      {overview && overview.total > 0 && (
        <Panels overview={overview} probabilities={probabilities} contract={contract} language={language} />
      )}
    </>
  );
}

type PanelsProps = { overview: Overview; probabilities: number[]; contract: Contract; language: Language };

function Panels({ overview, probabilities, contract, language }: PanelsProps) {
  const { total, mean, known, days, risks, versions } = overview;
  // Those of the contract, the lowest first, then those that only older versions had.
  const named = useMemo(() => {
    const ids = contract.output.bands.map(({ id }) => id);
    return [...ids, ...[...risks.keys()].filter((risk) => !ids.includes(risk))];
  }, [contract, risks]);
  const figures: [string, string][] = [
    [texts.total[language], formatNumber(language, total)],
    [texts.mean[language], mean === null ? '–' : formatPercent(language, mean)],
    [texts.known[language], formatNumber(language, known)],
  ];
  return (
    <div class="dashboard">
      <section class="panel wide">
        <dl class="figures">
          {figures.map(([term, value]) => (
            <div key={term}>
              <dt>{term}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {versions.size > 1 && (
          <p class="small quiet">
            {texts.versions[language]}
            {language === 'fr' ? '\u00a0: ' : ': '}
            {[...versions].map(([name, count]) => `${name} (${formatNumber(language, count)})`).join(', ')}
          </p>
        )}
        <p class="small quiet last">{texts.utc[language]}</p>
      </section>
      <section class="panel">
        <h3>{texts.volume[language]}</h3>
        <VolumeChart days={days} risks={named} contract={contract} language={language} />
      </section>
      <section class="panel">
        <h3>{texts.meanByDay[language]}</h3>
        <MeanChart days={days} contract={contract} language={language} />
      </section>
      <section class="panel">
        <h3>{texts.risks[language]}</h3>
        <RiskMix risks={risks} named={named} total={total} contract={contract} language={language} />
      </section>
      <section class="panel">
        <h3>{texts.distribution[language]}</h3>
        <Distribution probabilities={probabilities} contract={contract} language={language} />
      </section>
      <section class="panel wide">
        <h3>{texts.quality[language]}</h3>
        <Quality confusion={overview.confusion} known={known} contract={contract} language={language} />
      </section>
      <section class="panel wide">
        <h3>{texts.drift[language]}</h3>
        <DriftTable drift={overview.drift} contract={contract} language={language} />
      </section>
    </div>
  );
}

type RiskMixProps = {
  risks: ReadonlyMap<string, number>;
  named: readonly string[];
  total: number;
  contract: Contract;
  language: Language;
};

function RiskMix({ risks, named, total, contract, language }: RiskMixProps) {
  return (
    <table class="risk-mix">
      <thead>
        <tr>
          <th scope="col">{texts.risk[language]}</th>
          <th scope="col" class="number">
            {texts.count[language]}
          </th>
          <th scope="col" class="number">
            {texts.share[language]}
          </th>
        </tr>
      </thead>
      <tbody>
        {named.toReversed().map((risk) => (
          <tr key={risk}>
            <th scope="row">
              <RiskBadge contract={contract} risk={risk} language={language} />
            </th>
            <td class="number">{formatNumber(language, risks.get(risk) ?? 0)}</td>
            <td class="number">{formatPercent(language, (risks.get(risk) ?? 0) / total)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The ISO date, in UTC, of so many days ago. */
function dayBefore(days: number): string {
  const day = new Date();
  day.setUTCDate(day.getUTCDate() - days);
  return day.toISOString().slice(0, 10);
}
