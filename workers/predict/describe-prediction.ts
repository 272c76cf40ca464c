import type { FieldWarning, PredictAnswer, Recorded } from '../../common/api/answers.ts';
import type { Contract } from '../../common/contract/contract.ts';
import { outputKind, type RawOutput } from '../../common/contract/outputs/outputs.ts';
import type { AnsweredPrediction, Prediction } from '../../common/history/prediction.ts';
import type { ValidRecord } from '../../common/record/fast-validation.ts';
import type { Warning } from '../../common/record/violation.ts';

/** Everything there is to answer about the predictions that are made of one request. */
export function describePredictions(
  { name, version, graph, output }: Contract,
  { at, keyId }: { at: Date; keyId: string | null },
): (id: string, valid: ValidRecord, raw: RawOutput) => AnsweredPrediction {
  const createdAt = at.toISOString();
  const { toOutcome } = outputKind(output);
  const model = { name, version, sha256: graph.sha256 };
  return (id, { identifier, warnings }, raw) => {
    return { id, createdAt, identifier, keyId, model, ...toOutcome(raw), warnings };
  };
}

export function toPredictAnswer(
  { id, label, probability, threshold, risk, model, warnings }: AnsweredPrediction,
  recorded: Recorded,
): PredictAnswer {
  return {
    id,
    label,
    probability,
    threshold,
    risk,
    model: toModelName(model),
    warnings: toFieldWarnings(warnings),
    recorded,
  };
}

export function toModelName({ name, version, sha256 }: Prediction['model']): PredictAnswer['model'] {
  return { name, version, sha256: sha256.slice(0, 12) };
}

/** Warnings as an answer shows them. */
export function toFieldWarnings(warnings: readonly Warning[]): FieldWarning[] {
  return warnings.map(({ fields, code, message }) => ({ fields, code, detail: message.en }));
}
