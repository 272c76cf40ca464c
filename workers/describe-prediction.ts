import type { FieldWarning, PredictAnswer, Recorded } from '../common/answers.ts';
import type { Contract } from '../common/contract.ts';
import { toOutcome } from '../common/outcome.ts';
import type { Prediction } from '../common/prediction.ts';
import type { Validation } from '../common/validation.ts';
import type { Warning } from '../common/violation.ts';

export type ValidRecord = Extract<Validation, { ok: true }>;

/** Everything there is to record and to answer about one prediction. */
export function toPrediction(
  made: { id: string; at: Date; keyId: string | null },
  { name, version, graph, output }: Contract,
  valid: ValidRecord,
  probability: number,
): Prediction {
  return {
    id: made.id,
    createdAt: made.at.toISOString(),
    identifier: valid.identifier,
    keyId: made.keyId,
    model: { name, version, sha256: graph.sha256 },
    input: valid.record,
    ...toOutcome(output, probability),
    warnings: valid.warnings,
  };
}

export function toPredictAnswer(
  { id, label, probability, threshold, risk, model, warnings }: Prediction,
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
