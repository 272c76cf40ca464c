import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { PredictionDetail } from '../../common/api/answers.ts';
import type { Contract } from '../../common/contract/contract.ts';
import { observedOf } from '../../common/history/observed-outcome.ts';
import { type Backend, type History, may } from '../backend.ts';
import { Failure } from '../failure.tsx';
import { colon, formatDate, formatTime, type Language } from '../language.ts';
import { outputView } from '../outputs/views.ts';
import { texts as common } from '../texts.ts';
import { useAsked } from '../use-asked.ts';
import { describeInput, describeWarnings } from './describe-input.ts';
import { EraseButton } from './erase-button.tsx';
import { OutcomeForm } from './outcome-form.tsx';
import { texts } from './texts.ts';

type Props = {
  id: string;
  backend: Backend;
  history: History;
  contract: Contract;
  language: Language;
  /** Of the list that led here, with its filter. */
  listAddress: string;
  /** Called once the prediction is erased. */
  erased(): void;
};

/** Everything that is known about one prediction. */
export function PredictionView({ id, backend, history, contract, language, listAddress, erased }: Props) {
  const ask = useCallback(() => history.getPrediction(id), [history, id]);
  const { value, failure, again } = useAsked(ask);
  const heading = useRef<HTMLHeadingElement>(null);
  const isThere = value !== null;
  useEffect(() => {
    if (isThere) heading.current?.focus();
  }, [isThere]);
  return (
    <div class="prediction">
      <p class="no-print">
        <a href={listAddress}>← {texts.back[language]}</a>
      </p>
      {failure !== null && <Failure error={failure} language={language} retry={again} />}
      {!value && failure === null && <p class="quiet">{common.loading[language]}</p>}
      {value && (
        <>
          <section class="panel">
            <h2 ref={heading} tabIndex={-1} class="detail-heading">
              {texts.detail[language]}
            </h2>
            <Answer prediction={value} contract={contract} language={language} />
          </section>
          <Outcomes {...{ backend, history, contract, language }} prediction={value} changed={again} />
          <Input prediction={value} contract={contract} language={language} />
          {may(backend.capabilities, 'admin') && (
            <EraseButton
              language={language}
              erase={async () => {
                await history.deletePrediction(id);
                erased();
              }}
            />
          )}
        </>
      )}
    </div>
  );
}

type PartProps = { prediction: PredictionDetail; contract: Contract; language: Language };

function Answer({ prediction, contract, language }: PartProps) {
  const { id, createdAt, identifier, keyId, model } = prediction;
  const { Recorded, facts } = outputView(contract.output);
  const warnings = describeWarnings(prediction, contract, language);
  return (
    <>
      <p class="row detail-answer">
        <Recorded outcome={prediction} language={language} />
      </p>
      <dl>
        {facts(prediction, language).map(({ term, text }) => (
          <Entry key={term} term={term}>
            {text}
          </Entry>
        ))}
        {identifier !== null && (
          <Entry term={contract.identifier?.label[language] ?? texts.id[language]}>{identifier}</Entry>
        )}
        <Entry term={texts.date[language]}>{formatTime(language, createdAt)}</Entry>
        <Entry term={texts.model[language]}>
          <span class="code">{model.name}</span> {model.version}
        </Entry>
        <Entry term={texts.id[language]}>
          <span class="code">{id}</span>
        </Entry>
        {keyId !== null && <Entry term={texts.key[language]}>{keyId}</Entry>}
      </dl>
      {warnings.length > 0 && (
        <div class="caution">
          <h3>{texts.warnings[language]}</h3>
          <ul>
            {warnings.map(({ fields, text }) => (
              <li key={fields.join()}>
                <strong>{fields.join(', ')}</strong>
                {colon(language)}
                {text}
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

function Entry({ term, children }: { term: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

type OutcomesProps = PartProps & { backend: Backend; history: History; changed(): void };

function Outcomes({ prediction, backend, history, contract, language, changed }: OutcomesProps) {
  const [isRecorded, setIsRecorded] = useState(false);
  const { describeObserved } = outputView(contract.output);
  return (
    <section class="panel">
      <h3>{texts.outcomes[language]}</h3>
      {prediction.outcomes.length === 0 && <p>{texts.noOutcomes[language]}</p>}
      <ol class="outcomes">
        {prediction.outcomes.map((outcome) => (
          <li key={outcome.recordedAt}>
            <strong>{describeObserved(observedOf(outcome), language)}</strong>
            {` – ${texts.observedOn[language].toLowerCase()} ${formatDate(language, outcome.observedOn)} `}
            <span class="small quiet">
              ({texts.recordedAt[language].toLowerCase()} {formatTime(language, outcome.recordedAt)}
              {outcome.keyId !== null && `, ${outcome.keyId}`})
            </span>
          </li>
        ))}
      </ol>
      <p role="status" class={isRecorded ? 'note' : 'unseen'}>
        {isRecorded && texts.recorded[language]}
      </p>
      {may(backend.capabilities, 'write') ? (
        <OutcomeForm
          key={prediction.outcomes.length}
          {...{ prediction, history, contract, language }}
          recorded={() => {
            setIsRecorded(true);
            changed();
          }}
        />
      ) : (
        <p class="quiet">{texts.mayNotWrite[language]}</p>
      )}
    </section>
  );
}

function Input({ prediction, contract, language }: PartProps) {
  return (
    <section class="panel">
      <h3>{texts.input[language]}</h3>
      {describeInput(prediction.input, contract, language).map(({ id, label, values }) => (
        <div key={id} class="input-group">
          <h4>{label ?? texts.otherInput[language]}</h4>
          <dl>
            {values.map((value) => (
              <Entry key={value.name} term={value.label}>
                {value.value}
              </Entry>
            ))}
          </dl>
        </div>
      ))}
    </section>
  );
}
