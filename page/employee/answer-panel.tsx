import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { PredictAnswer } from '../../common/api/answers.ts';
import type { Expectation } from '../../common/contract/outputs/outputs.ts';
import type { Violation } from '../../common/record/violation.ts';
import { type Backend, may, type TabProps } from '../backend.ts';
import { Failure } from '../failure.tsx';
import { MISSING } from '../features/control.ts';
import { colon, formatTime, type Language } from '../language.ts';
import { isModelOf } from '../model-version.ts';
import { outputView } from '../outputs/views.ts';
import { addressOf } from '../route.ts';
import { texts as pageTexts } from '../texts.ts';
import { type Reference, Warnings, WhatIf } from './answer.tsx';
import { countFilled, type Entries } from './form-record.ts';
import { filled, texts, toMend } from './texts.ts';
import type { AnswerState } from './use-answer.ts';
import type { Form } from './use-form.ts';

type Props = TabProps & {
  form: Form;
  answer: AnswerState;
  /** Whether the form was sent again although it is recorded. */
  isRepeated: boolean;
  predictAgain(): void;
};

const ANSWER_ID = 'answer';

/** The model's answer, the warnings about it, and the next steps. */
export function AnswerPanel({ backend, contract, language, form, answer, isRepeated, predictAgain }: Props) {
  const { shown, isCurrent, reference, model } = answer;
  const loading = useReadiness(backend);
  const failure = answer.failure ?? loading.error;
  const retry = answer.failure === null ? undefined : answer.retry;
  const { features } = contract;
  const { describe } = outputView(contract.output);
  const missing = features.length - countFilled(contract, form.entries);
  return (
    <section
      id={ANSWER_ID}
      class="panel answer"
      aria-labelledby="answer-title"
      aria-busy={shown !== null && !isCurrent}
    >
      <h2 id="answer-title">{texts.answer[language]}</h2>
      <Printed contract={contract} language={language} entries={form.entries} answer={answer} />
      <Shown contract={contract} language={language} form={form} answer={answer} />
      {missing > 0 && <p class="small quiet">{filled(features.length - missing, features.length)[language]}</p>}
      {isCurrent && shown && reference && (
        <WhatIf
          contract={contract}
          language={language}
          reference={reference}
          entries={form.entries}
          value={shown}
          undo={() => form.fill(reference.entries)}
        />
      )}
      {isCurrent && <Warnings contract={contract} language={language} warnings={form.warnings} />}
      {failure !== null && <Failure error={failure} language={language} retry={retry} />}
      <p class="unseen" role="status">
        {isCurrent && shown && describe(shown, language)}
      </p>
      <div class="actions no-print">
        <Summary contract={contract} language={language} answer={answer} />
        <button type="submit" class="primary" disabled={answer.isBusy || loading.error !== null}>
          {(backend.history ? texts.predict : texts.estimate)[language]}
        </button>
      </div>
      {/* Below the button: a message that appears when a field is left must not push the button away. */}
      <p class="error" role="alert">
        {summarise(form.violations, language)}
      </p>
      <div role="status">{isRepeated && <Repeated {...{ language, predictAgain }} isBusy={answer.isBusy} />}</div>
      {model && <Model contract={contract} language={language} model={model} />}
      <div class="small quiet status" role="status">
        {backend.offline ? loading.status(language) : describeKeeping(backend, answer, language)}
      </div>
    </section>
  );
}

type PrintedProps = Pick<Props, 'contract' | 'language' | 'answer'> & { entries: Entries };

/** Whom the answer is about, and when it was given: a sheet of paper must say so itself. */
function Printed({ contract: { identifier }, language, entries, answer }: PrintedProps) {
  const { shown, predictedAt } = answer;
  const who = identifier && entries[identifier.name]?.trim();
  const shownAt = useMemo(() => new Date().toISOString(), [shown]);
  return (
    <p class="print-only">
      {identifier && (
        <>
          {identifier.label[language]}
          {colon(language)}
          <b>{who || MISSING[language]}</b>
          <br />
        </>
      )}
      {formatTime(language, predictedAt ?? shownAt)}
    </p>
  );
}

/** The answer, or how to get one. */
function Shown({ contract, language, form, answer }: Pick<Props, 'contract' | 'language' | 'form' | 'answer'>) {
  const { shown, isCurrent, isOut, reference } = answer;
  const { Answer } = outputView(contract.output);
  if (!shown) return isOut ? null : <p class="quiet">{texts.noAnswer[language]}</p>;
  return (
    <>
      <div class={isCurrent ? '' : 'stale'}>
        <Answer outcome={shown} reference={toExpectation(reference)} language={language} />
      </div>
      {!isCurrent && !form.validation.ok && <p class="small">{texts.stale[language]}</p>}
    </>
  );
}

type RepeatedProps = Pick<Props, 'language' | 'predictAgain'> & { isBusy: boolean };

/** Says that nothing was recorded a second time, and offers to. */
function Repeated({ language, predictAgain, isBusy }: RepeatedProps) {
  return (
    <div class="note">
      <p>{texts.alreadyRecorded[language]}</p>
      <button type="button" disabled={isBusy} onClick={predictAgain}>
        {texts.recordAgain[language]}
      </button>
    </div>
  );
}

function toExpectation(reference: Reference | null): Expectation | null {
  return reference === null ? null : reference.value;
}

/** Shows the answer in a few characters, and leads to it, where the window has no room for all of it. */
function Summary({ contract, language, answer }: Pick<Props, 'contract' | 'language' | 'answer'>) {
  const { shown, isCurrent } = answer;
  if (!shown) return null;
  const { Brief } = outputView(contract.output);
  return (
    <button type="button" class={isCurrent ? 'mini' : 'mini stale'} onClick={seeAnswer}>
      <span class="unseen">{texts.answer[language]}</span>
      <Brief outcome={shown} language={language} />
    </button>
  );
}

/** Does nothing where the answer can be seen already. */
export function seeAnswer(): void {
  document.getElementById(ANSWER_ID)?.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
}

type ModelProps = Pick<Props, 'contract' | 'language'> & { model: PredictAnswer['model'] };

/** The version that answered, and a caution where it is another than the page's. */
function Model({ contract, language, model }: ModelProps) {
  return (
    <>
      {!isModelOf(contract, model) && (
        <div class="caution">
          <p>{texts.otherModel[language]}</p>
          <button type="button" onClick={() => location.reload()}>
            {pageTexts.reload[language]}
          </button>
        </div>
      )}
      <p class="small quiet">
        {model.name} {model.version} · <a href={addressOf('model')}>{texts.aboutModel[language]}</a>
      </p>
    </>
  );
}

/** The number of fields to correct, and the violations of the record as a whole. */
function summarise(violations: readonly Violation[], language: Language): string {
  const named = new Set(violations.flatMap(({ fields }) => fields));
  const others = violations.filter(({ fields }) => fields.length === 0);
  return [...(named.size > 0 ? [toMend(named.size)] : []), ...others.map(({ message }) => message)]
    .map((text) => text[language])
    .join(' ');
}

/** Whether the shown answer is recorded, and under which id. */
function describeKeeping(backend: Backend, answer: AnswerState, language: Language): ComponentChildren {
  const { prediction, shown, isCurrent } = answer;
  if (!backend.history) return texts.notKept[language];
  if (!prediction) return shown && isCurrent ? texts.draft[language] : '';
  if (prediction.recorded === 'failed' || prediction.recorded === 'off') return texts.notRecorded[language];
  const { id } = prediction;
  const canRead = may(backend.capabilities, 'read');
  return (
    <>
      {(prediction.recorded === 'pending' ? texts.pending : texts.recorded)[language]}{' '}
      {canRead ? (
        <a class="code" href={addressOf('history', id)}>
          {id}
        </a>
      ) : (
        <span class="code">{id}</span>
      )}
    </>
  );
}

/** Whether predictions can be made yet: where they are made in the browser, the model has to be loaded first. */
function useReadiness(backend: Backend) {
  const [state, setState] = useState<{ isReady: boolean; error: unknown }>({ isReady: false, error: null });
  useEffect(() => {
    backend.ready.then(
      () => setState({ isReady: true, error: null }),
      (error: unknown) => setState({ isReady: false, error }),
    );
  }, [backend]);
  const { isReady, error } = state;
  return {
    error,
    status(language: Language): string {
      if (error !== null) return '';
      return `${(isReady ? texts.modelReady : texts.loadingModel)[language]} ${texts.private[language]}`;
    },
  };
}
