import { Prediction } from '../../common/prediction.ts';

export type ReadMessage = {
  predictions: Prediction[];
  /** What is no prediction, and why. */
  malformed: { value: unknown; reason: unknown }[];
};

/** Reads the body of a message: predictions, or the single one that older code sent, which may be on its way at a deploy. */
export function readMessage(body: unknown): ReadMessage {
  const predictions: Prediction[] = [];
  const malformed: ReadMessage['malformed'] = [];
  const values: unknown[] = Array.isArray(body) ? body : [body];
  for (const value of values) {
    const parsed = Prediction.safeParse(value);
    if (parsed.success) predictions.push(parsed.data);
    else malformed.push({ value, reason: parsed.error });
  }
  return { predictions, malformed };
}
