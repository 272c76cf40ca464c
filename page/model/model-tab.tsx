import './model.css';
import type { ComponentChildren } from 'preact';
import type { Contract } from '../../common/contract/contract.ts';
import type { TabProps } from '../backend.ts';
import { formatDate, formatNumber, formatPercent, type Language } from '../language.ts';
import { RiskBadge } from '../risk.tsx';
import { addressOf } from '../route.ts';
import { answersPositive, inHundreds, texts } from './texts.ts';

type Props = { contract: Contract; language: Language };

/** What is known of the model, in words: its contract is all of it. */
export function ModelTab({ backend, contract, language }: TabProps) {
  const { title, description, ignored } = contract;
  return (
    <article class="panel model">
      <p class="no-print">
        <a href={addressOf('employee')}>← {texts.back[language]}</a>
      </p>
      <h2>{title[language]}</h2>
      <p>{description[language]}</p>
      <Quality contract={contract} language={language} />
      <Decision contract={contract} language={language} />
      <Origin contract={contract} language={language} />
      {ignored.length > 0 && (
        <>
          <h3>{texts.ignored[language]}</h3>
          <dl>
            {ignored.map(({ name, reason }) => (
              <Fact key={name} term={<span class="code">{name}</span>}>
                {reason[language]}
              </Fact>
            ))}
          </dl>
        </>
      )}
      <p>
        <a href={backend.offline ? './contract.json' : '/v1/model'}>{texts.contract[language]}</a>
      </p>
    </article>
  );
}

const METRICS = ['rocAuc', 'averagePrecision', 'precision', 'recall', 'f1', 'accuracy', 'brier', 'ece'] as const;

function Quality({ contract: { metrics, output }, language }: Props) {
  if (!metrics) return null;
  return (
    <>
      <h3>{texts.quality[language]}</h3>
      <p>{inHundreds(metrics.precision.mean, metrics.recall.mean, output.positive.label)[language]}</p>
      <p class="help">
        {texts.method[language]} ({metrics.method})
      </p>
      <dl class="numbers">
        {METRICS.map((name) => (
          <Fact key={name} term={texts[name][language]}>
            {formatNumber(language, metrics[name].mean)} ± {formatNumber(language, metrics[name].std)}
          </Fact>
        ))}
      </dl>
    </>
  );
}

function Decision({ contract, language }: Props) {
  const { positive, threshold, thresholdCriterion, bands } = contract.output;
  const at = { fr: formatPercent('fr', threshold), en: formatPercent('en', threshold) };
  return (
    <>
      <h3>{texts.decision[language]}</h3>
      <p>
        {answersPositive(positive.label, at)[language]} <span class="quiet">{thresholdCriterion[language]}</span>
      </p>
      <ul class="row">
        {bands.map(({ id, from }) => (
          <li key={id}>
            <RiskBadge contract={contract} risk={id} language={language} /> {texts.from[language]}{' '}
            {formatPercent(language, from)}
          </li>
        ))}
      </ul>
    </>
  );
}

function Origin({ contract, language }: Props) {
  const { name, version, graph, license, provenance, baseline } = contract;
  return (
    <>
      <h3>{texts.origin[language]}</h3>
      <dl>
        <Fact term={texts.version[language]}>
          <span class="code">{name}</span> {version}
        </Fact>
        <Fact term={texts.trained[language]}>{formatDate(language, provenance.trainedAt)}</Fact>
        {baseline && <Fact term={texts.rows[language]}>{formatNumber(language, baseline.rows)}</Fact>}
        <Fact term={texts.algorithm[language]}>{provenance.algorithm}</Fact>
        <Fact term={texts.licence[language]}>{license}</Fact>
        <Fact term={texts.graph[language]}>
          <span class="code">{graph.sha256}</span>
        </Fact>
      </dl>
    </>
  );
}

function Fact({ term, children }: { term: ComponentChildren; children: ComponentChildren }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}
