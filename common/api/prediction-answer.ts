import type { Contract } from '../contract/contract.ts';
import { type Outcome, outputKind, pickOutcome, type RawOutput } from '../contract/outputs/outputs.ts';
import type { AnsweredPrediction, Prediction } from '../history/prediction.ts';
import type { ValidRecord } from '../record/fast-validation.ts';
import type { Warning } from '../record/violation.ts';
import type { TableNote } from '../tables/table-notes.ts';
import type { BatchNote, FieldWarning, PredictAnswer, Recorded } from './answers.ts';

/** The model of a contract, as a prediction names it. `contractSha256` is that of the bytes which the contract was read from. */
export function identifyModel({ name, version, graph }: Contract, contractSha256: string | null): Prediction['model'] {
  return { name, version, sha256: graph.sha256, contractSha256 };
}

/** Returns a function that makes a prediction of a valid record and its raw output, for all records of one request. */
export function describePredictions(
  contract: Contract,
  contractSha256: string | null,
  { at, keyId }: { at: Date; keyId: string | null },
): (id: string, valid: ValidRecord, raw: RawOutput) => AnsweredPrediction {
  const createdAt = at.toISOString();
  const { toOutcome } = outputKind(contract.output);
  const nullable = contract.features.flatMap(({ name, missing }, at) => (missing ? [{ name, at }] : []));
  const model = identifyModel(contract, contractSha256);
  return (id, { identifier, warnings, values }, raw) => {
    // One by one: workerd takes several times as long to copy the outcome.
    const outcome = toOutcome(raw);
    const prediction = describe({ id, createdAt, identifier, keyId, model, warnings }, outcome);
    if (nullable.length === 0) return prediction;
    const missing = nullable.flatMap(({ name, at }) => (values[at] === null ? [name] : []));
    return missing.length > 0 ? { ...prediction, missing } : prediction;
  };
}

function describe(about: Omit<AnsweredPrediction, keyof Outcome>, outcome: Outcome): AnsweredPrediction {
  const { id, createdAt, identifier, keyId, model, warnings } = about;
  if (!('threshold' in outcome)) return { id, createdAt, identifier, keyId, model, ...outcome, warnings };
  const { label, probability, threshold, risk } = outcome;
  return { id, createdAt, identifier, keyId, model, label, probability, threshold, risk, warnings };
}

/** The answer of POST /v1/predict. */
export function toPredictAnswer(prediction: AnsweredPrediction, recorded: Recorded): PredictAnswer {
  // One by one: copying an object into the middle of another one takes longer than all of the rest here.
  const { id, missing } = prediction;
  const [model, warnings] = [toModelName(prediction.model), toFieldWarnings(prediction.warnings)];
  const outcome: Outcome = prediction;
  const answer: PredictAnswer =
    'threshold' in outcome
      ? {
          id,
          label: outcome.label,
          probability: outcome.probability,
          threshold: outcome.threshold,
          risk: outcome.risk,
          model,
          warnings,
          recorded,
        }
      : { id, ...pickOutcome(outcome), model, warnings, recorded };
  return missing ? { ...answer, missing: [...missing] } : answer;
}

/** A recorded prediction, as it is answered again. */
export function toAnsweredPrediction(prediction: Prediction): AnsweredPrediction {
  const missing = Object.entries(prediction.input).flatMap(([name, value]) => (value === null ? [name] : []));
  return missing.length > 0 ? { ...prediction, missing } : prediction;
}

/** A model as an answer names it. */
export function toModelName({ name, version, sha256, contractSha256 }: Prediction['model']): PredictAnswer['model'] {
  return { name, version, sha256: sha256.slice(0, 12), contractSha256: contractSha256?.slice(0, 12) ?? null };
}

/** Warnings as an answer shows them. */
export function toFieldWarnings(warnings: readonly Warning[]): FieldWarning[] {
  return warnings.map(({ fields, code, message }) => ({ fields, code, detail: message.en }));
}

/** A note about a file as an answer shows it. */
export function toBatchNote({ rule, fields, message, file }: TableNote): BatchNote {
  return { rule, fields, detail: message.en, ...(file !== undefined && { file }) };
}
