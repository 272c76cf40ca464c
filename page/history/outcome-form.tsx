import { useState } from 'preact/hooks';
import type { PredictionDetail } from '../../common/api/answers.ts';
import type { Contract } from '../../common/contract/contract.ts';
import { beforePrediction, isBeforePrediction, readOutcome } from '../../common/history/observed-outcome.ts';
import type { Violation } from '../../common/record/violation.ts';
import type { History } from '../backend.ts';
import { Failure } from '../failure.tsx';
import type { Language } from '../language.ts';
import { outputView } from '../outputs/views.ts';
import { texts } from './texts.ts';

type Props = {
  prediction: PredictionDetail;
  history: History;
  contract: Contract;
  language: Language;
  recorded(): void;
};

/** Records the observed outcome. The API's own rules check it, and their messages exist in both languages. */
export function OutcomeForm({ prediction, history, contract, language, recorded }: Props) {
  const today = new Date().toISOString().slice(0, 10);
  const { observable, describeObserved } = outputView(contract.output);
  const [label, setLabel] = useState('');
  const [value, setValue] = useState('');
  const [observedOn, setObservedOn] = useState(today);
  const [violations, setViolations] = useState<Violation[]>([]);
  const [failure, setFailure] = useState<unknown>(null);
  const [isSending, setIsSending] = useState(false);
  const firstDay = prediction.createdAt.slice(0, 10);

  async function submit(): Promise<void> {
    const reading = readOutcome({ ...enteredOf(observable ? 'label' : 'value'), observedOn }, observable, today);
    if (!reading.ok) return setViolations(reading.violations);
    if (isBeforePrediction(reading.outcome, prediction.createdAt)) {
      return setViolations([beforePrediction(prediction.createdAt)]);
    }
    setViolations([]);
    setFailure(null);
    setIsSending(true);
    try {
      await history.putOutcome(prediction.id, reading.outcome);
      recorded();
    } catch (error) {
      setFailure(error);
    }
    setIsSending(false);
  }

  function enteredOf(field: 'label' | 'value'): { label?: string; value?: number } {
    if (field === 'label') return label === '' ? {} : { label };
    return value === '' ? {} : { value: Number(value) };
  }

  const errorsOf = (field: string) => violations.filter(({ fields }) => fields.includes(field));
  return (
    <form
      class="outcome-form no-print"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <h4>{texts.recordOutcome[language]}</h4>
      {!observable && (
        <>
          <p>
            <label for="outcome-value">{texts.outcome[language]}</label>
            <input
              id="outcome-value"
              type="number"
              step="any"
              value={value}
              aria-invalid={errorsOf('value').length > 0}
              aria-describedby="outcome-value-error"
              onInput={({ currentTarget }) => setValue(currentTarget.value)}
            />
          </p>
          <p id="outcome-value-error" class="error" role="alert">
            {errorsOf('value').map(({ message }) => message[language])}
          </p>
        </>
      )}
      {observable && (
        <fieldset aria-describedby="outcome-label-error" aria-invalid={errorsOf('label').length > 0}>
          <legend class="unseen">{texts.outcome[language]}</legend>
          {observable.map((value) => (
            <label key={value} class="choice">
              <input
                type="radio"
                name="outcome-label"
                value={value}
                checked={label === value}
                onChange={() => setLabel(value)}
              />
              <span>{describeObserved(value, language)}</span>
            </label>
          ))}
          <p id="outcome-label-error" class="error" role="alert">
            {errorsOf('label').map(({ message }) => message[language])}
          </p>
        </fieldset>
      )}
      <p>
        <label for="observed-on">{texts.observedOn[language]}</label>
        <input
          id="observed-on"
          type="date"
          min={firstDay}
          max={today}
          value={observedOn}
          aria-invalid={errorsOf('observedOn').length > 0}
          aria-describedby="observed-on-error"
          onInput={({ currentTarget }) => setObservedOn(currentTarget.value)}
        />
      </p>
      <p id="observed-on-error" class="error" role="alert">
        {errorsOf('observedOn').map(({ message }) => message[language])}
      </p>
      <button type="submit" class="primary" disabled={isSending}>
        {texts.record[language]}
      </button>
      {failure !== null && <Failure error={failure} language={language} />}
    </form>
  );
}
