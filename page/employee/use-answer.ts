import { useMemo, useState } from 'preact/hooks';
import type { ExploreAnswer, PredictAnswer } from '../../common/api/answers.ts';
import type { Backend, Exchange } from '../backend.ts';
import type { Reference, Shown } from './answer.tsx';
import { type Exploration, useExploration } from './use-exploration.ts';
import type { Form } from './use-form.ts';

/** A prediction, and what the form held when it was asked for. */
type Predicted = { key: string; answer: PredictAnswer };

export type AnswerState = {
  /** The latest that the model said; null before it said anything. */
  shown: Shown | null;
  /** Whether that is about what the form holds now. */
  isCurrent: boolean;
  /** The prediction of what the form holds now; null where that was only tried. */
  prediction: PredictAnswer | null;
  model: PredictAnswer['model'] | null;
  /** Null where nothing failed. */
  failure: unknown;
  isBusy: boolean;
  /** What was sent for the latest prediction, and answered. */
  exchange: Exchange | null;
  reference: Reference | null;
  setReference(reference: Reference | null): void;
  /** Predicts what the form holds, which must be valid. */
  predict(): Promise<void>;
};

/** What the model makes of a form: tried at every change, predicted when asked for. */
export function useAnswer(backend: Backend, form: Form): AnswerState {
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
    ...(Object.keys(record).length === 0 ? NOTHING : latest(prediction, trial, predicted?.answer ?? null)),
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
        setReference({ entries, probability: answer.probability, example: null });
      } catch (error) {
        setFailed({ key, error });
      } finally {
        setBusy(false);
      }
    },
  };
}

/** What there is to say of an empty form. */
const NOTHING = { shown: null, isCurrent: false, model: null };

function latest(
  prediction: PredictAnswer | null,
  { answer, isCurrent }: Exploration,
  earlier: PredictAnswer | null,
): Pick<AnswerState, 'shown' | 'isCurrent' | 'model'> {
  if (prediction) return { shown: prediction, isCurrent: true, model: prediction.model };
  const shown = answer && toShown(answer);
  return shown ? { shown, isCurrent, model: answer.model } : { shown: earlier, isCurrent: false, model: null };
}

function toShown({ points, threshold }: ExploreAnswer): Shown | null {
  const [point] = points;
  return point && 'probability' in point ? { ...point, threshold } : null;
}
