import * as z from 'zod';
import { toBrief, withBriefOutcome } from '../../contract/outputs/outputs.ts';
import type { AnsweredPrediction } from '../../history/prediction.ts';

/** POST /invocations: as MLflow answers for a model that returns a DataFrame with these columns. */
export const ScoringAnswer = z.strictObject({
  predictions: z.array(
    withBriefOutcome(
      {},
      {
        /** Of the prediction, under which it is recorded. */
        id: z.uuidv7(),
      },
    ),
  ),
});
export type ScoringAnswer = z.infer<typeof ScoringAnswer>;

export function toScoringAnswer(predictions: readonly AnsweredPrediction[]): ScoringAnswer {
  return { predictions: predictions.map((it) => ({ ...toBrief(it), id: it.id })) };
}
