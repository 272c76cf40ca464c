import { useMemo, useState } from 'preact/hooks';
import type { PredictAnswer } from '../../common/api/answers.ts';
import type { Outcome, Output } from '../../common/contract/outputs/outputs.ts';
import type { Backend, Exchange } from '../backend.ts';
import { outputView } from '../outputs/views.ts';
import type { Reference } from './answer.tsx';
import { type Exploration, useExploration } from './use-exploration.ts';
import type { Form } from './use-form.ts';

/** A prediction, and the key of the form that it is about. */
type Predicted = { key: string; answer: PredictAnswer };

export type AnswerState = {
  /** The model's latest answer, recorded or only tried; null before the first. */
  shown: Outcome | null;
  /** Whether that answer is about the form as it is now. */
  isCurrent: boolean;
  /** The prediction for the form as it is now; null where it was only tried. */
  prediction: PredictAnswer | null;
  model: PredictAnswer['model'] | null;
  /** Null where nothing failed. */
  failure: unknown;
  isBusy: boolean;
  /** The request and the response of the latest prediction. */
  exchange: Exchange | null;
  reference: Reference | null;
  setReference(reference: Reference | null): void;
  /** Predicts the form's record, which must be valid. */
  predict(): Promise<void>;
};

/** The model's answer about a form: tried at every change, predicted on request. */
export function useAnswer(backend: Backend, output: Output, form: Form): AnswerState {
  const { key, record, entries, validation } = form;
  const [reference, setReference] = useState<Reference | null>(null);
  const [predicted, setPredicted] = useState<Predicted | null>(null);
  const [exchange, setExchange] = useState<Exchange | null>(null);
  const [failed, setFailed] = useState<{ key: string; error: unknown } | null>(null);
  const [isBusy, setBusy] = useState(false);

  const prediction = predicted?.key === key ? predicted.answer : null;
  const request = useMemo(() => (validation.ok && !prediction ? { record } : null), [record, validation, prediction]);
  const trial = useExploration(backend, request);

  return {
    ...(Object.keys(record).length === 0 ? NOTHING : latest(output, prediction, trial, predicted?.answer ?? null)),
    prediction,
    failure: failed?.key === key ? failed.error : trial.error,
    isBusy,
    exchange,
    reference,
    setReference,
    async predict() {
      setBusy(true);
      setFailed(null);
      try {
        const answer = await backend.predict(record, setExchange);
        setPredicted({ key, answer });
        setReference({ entries, value: answer, example: null });
      } catch (error) {
        setFailed({ key, error });
      } finally {
        setBusy(false);
      }
    },
  };
}

/** The answer about an empty form. */
const NOTHING = { shown: null, isCurrent: false, model: null };

function latest(
  output: Output,
  prediction: PredictAnswer | null,
  { answer, isCurrent }: Exploration,
  earlier: PredictAnswer | null,
): Pick<AnswerState, 'shown' | 'isCurrent' | 'model'> {
  if (prediction) return { shown: prediction, isCurrent: true, model: prediction.model };
  const shown = answer && outputView(output).outcomeOf(answer);
  return shown ? { shown, isCurrent, model: answer.model } : { shown: earlier, isCurrent: false, model: null };
}
