import './model.css';
import type { Contract } from '../../common/contract/contract.ts';
import type { TabProps } from '../backend.ts';
import { formatDate, formatNumber, type Language } from '../language.ts';
import { outputView } from '../outputs/views.ts';
import { addressOf } from '../route.ts';
import { Fact } from './fact.tsx';
import { texts } from './texts.ts';

type Props = { contract: Contract; language: Language };

/** The contract in words. */
export function ModelTab({ backend, contract, language }: TabProps) {
  const { title, description, ignored } = contract;
  const { Decision } = outputView(contract.output);
  return (
    <article class="panel model">
      <p class="no-print">
        <a href={addressOf('employee')}>← {texts.back[language]}</a>
      </p>
      <h2>{title[language]}</h2>
      <p>{description[language]}</p>
      <Quality contract={contract} language={language} />
      <h3>{texts.decision[language]}</h3>
      <Decision language={language} />
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

function Quality({ contract: { metrics, output }, language }: Props) {
  if (!metrics) return null;
  const { Measures } = outputView(output);
  return (
    <>
      <h3>{texts.quality[language]}</h3>
      <Measures metrics={metrics} language={language} />
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
        <Fact term={texts.licence[language]}>{license.toUpperCase()}</Fact>
        <Fact term={texts.graph[language]}>
          <span class="code">{graph.sha256}</span>
        </Fact>
      </dl>
      {/* The contract has it in English only. */}
      <details class="help">
        <summary>{texts.algorithm[language]}</summary>
        <p lang="en">{provenance.algorithm}</p>
      </details>
    </>
  );
}
