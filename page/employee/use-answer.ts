import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { v4 as uuidv4 } from 'uuid';
import type { PredictAnswer } from '../../common/api/answers.ts';
import type { Outcome, Output } from '../../common/contract/outputs/outputs.ts';
import type { Backend, Exchange } from '../backend.ts';
import { outputView } from '../outputs/views.ts';
import type { Reference } from './answer.tsx';
import type { Draft, Predicted } from './draft.ts';
import { type Exploration, useExploration } from './use-exploration.ts';
import type { Form } from './use-form.ts';

export type AnswerState = {
  /** The model's latest answer, recorded or only tried; null before the first, and while none can be had. */
  shown: Outcome | null;
  /** Whether that answer is about the form as it is now. */
  isCurrent: boolean;
  /** The prediction for the form as it is now; null where it was only tried. */
  prediction: PredictAnswer | null;
  /** When that prediction was answered, as an ISO date-time. */
  predictedAt: string | null;
  /** Whether the form as it is now is recorded. Another prediction of it would be counted twice. */
  isRecorded: boolean;
  /** The latest prediction of the form, whatever it was about. */
  predicted: Predicted | null;
  model: PredictAnswer['model'] | null;
  /** Null where nothing failed. */
  failure: unknown;
  /** Repeats what failed. */
  retry(): void;
  /** Whether the form's answer cannot be had now, for a reason that is not in the form. */
  isOut: boolean;
  /** How many answers there have been: another one tells that the service works. */
  answers: number;
  isBusy: boolean;
  /** The request and the response of the latest prediction. */
  exchange: Exchange | null;
  reference: Reference | null;
  setReference(reference: Reference | null): void;
  /** Predicts the form's record, which must be valid. */
  predict(): Promise<void>;
};

/** The model's answer about a form: tried at every change, predicted on request. */
export function useAnswer(backend: Backend, output: Output, form: Form, draft: Draft): AnswerState {
  const { key, record, entries, validation } = form;
  const [reference, setReference] = useState(draft.reference);
  const [predicted, setPredicted] = useState(draft.predicted);
  const [exchange, setExchange] = useState<Exchange | null>(null);
  const [failed, setFailed] = useState<{ key: string; error: unknown } | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [answers, setAnswers] = useState(0);
  const isSending = useRef(false);
  /** Sent with a prediction until it is recorded: one whose answer was lost is not recorded twice. */
  const unsettled = useRef<{ key: string; idempotencyKey: string } | null>(null);

  const current = predicted?.key === key ? predicted : null;
  const prediction = current?.answer ?? null;
  const request = useMemo(() => (validation.ok && !prediction ? { record } : null), [record, validation, prediction]);
  const trial = useExploration(backend, request);

  useEffect(() => {
    if (trial.answer === null) return;
    setAnswers((before) => before + 1);
    // What failed before is over: the answer that is shown is newer.
    setFailed(null);
  }, [trial.answer]);

  async function predict(): Promise<void> {
    // A second press may come before the button is drawn as disabled.
    if (isSending.current) return;
    isSending.current = true;
    setBusy(true);
    setFailed(null);
    if (unsettled.current?.key !== key) unsettled.current = { key, idempotencyKey: uuidv4() };
    try {
      const answer = await backend.predict(record, {
        idempotencyKey: unsettled.current.idempotencyKey,
        watch: setExchange,
      });
      if (isKept(answer)) unsettled.current = null;
      setPredicted({ key, entries, answer, at: new Date().toISOString() });
      setReference({ entries, value: answer, example: null });
      setAnswers((before) => before + 1);
    } catch (error) {
      setFailed({ key, error });
    } finally {
      isSending.current = false;
      setBusy(false);
    }
  }

  const hasFailedToPredict = failed?.key === key;
  return {
    ...(Object.keys(record).length === 0 ? NOTHING : latest(output, prediction, trial, predicted?.answer ?? null)),
    prediction,
    predictedAt: current?.at ?? null,
    isRecorded: prediction !== null && isKept(prediction),
    predicted,
    failure: hasFailedToPredict ? failed.error : trial.error,
    retry: hasFailedToPredict ? () => void predict() : trial.again,
    isOut: trial.error !== null,
    answers,
    isBusy,
    exchange,
    reference,
    setReference,
    predict,
  };
}

/** Whether a prediction is recorded, or will be. */
function isKept({ recorded }: PredictAnswer): boolean {
  return recorded !== 'failed' && recorded !== 'off';
}

/** The answer about an empty form. */
const NOTHING = { shown: null, isCurrent: false, model: null };

function latest(
  output: Output,
  prediction: PredictAnswer | null,
  { answer, isCurrent, error }: Exploration,
  earlier: PredictAnswer | null,
): Pick<AnswerState, 'shown' | 'isCurrent' | 'model'> {
  if (prediction) return { shown: prediction, isCurrent: true, model: prediction.model };
  // An earlier answer beside the failure would be taken for the one about this form.
  if (error !== null) return NOTHING;
  const shown = answer && outputView(output).outcomeOf(answer);
  return shown ? { shown, isCurrent, model: answer.model } : { shown: earlier, isCurrent: false, model: null };
}
