import * as z from 'zod';
import type { Contract } from '../contract/contract.ts';
import { type OutputKindName, outputKind } from '../contract/outputs/outputs.ts';
import { ContractFields } from '../contract/schema.ts';
import * as answers from './answers.ts';
import { createRecordSchema } from './openapi-record.ts';
import type { JsonObject } from './openapi-types.ts';

const Check = z.strictObject({ status: z.enum(['ok', 'absent', 'failed']), detail: z.string().optional() });

/** GET /health/live */
export const Live = z.strictObject({ status: z.literal('live') });

/** GET /health/ready */
export const Ready = z.strictObject({
  status: z.enum(['ready', 'not-ready']),
  worker: z.strictObject({ id: z.string(), tag: z.string() }),
  checks: z.strictObject({
    model: z.strictObject({
      ...Check.shape,
      name: z.string().optional(),
      version: z.string().optional(),
      sha256: z.string().optional(),
      contractSha256: z.string().optional(),
      updateFailedAt: z.iso.datetime().optional(),
    }),
    database: Check,
    /** Predictions that were accepted and are not in the database yet. */
    backlog: z.strictObject({
      ...Check.shape,
      /** Messages in the queue. */
      queued: z.int().nonnegative().optional(),
      /** Letters that wait to be replayed; at most 1,000 are counted. */
      waiting: z.int().nonnegative().optional(),
      /** The day on which the oldest of them arrived. */
      oldest: z.iso.date().nullable().optional(),
      /** Letters that no replay can store; at most 1,000 are counted. */
      unreplayable: z.int().nonnegative().optional(),
    }),
  }),
});

const ANSWERS = {
  FieldError: answers.FieldError,
  FieldWarning: answers.FieldWarning,
  Problem: answers.Problem,
  Recorded: answers.Recorded,
  PredictAnswer: answers.PredictAnswer,
  ValidateAnswer: answers.ValidateAnswer,
  ExploreRequest: answers.ExploreRequest,
  ExplorePoint: answers.ExplorePoint,
  ExploreAnswer: answers.ExploreAnswer,
  Capabilities: answers.Capabilities,
  BatchPrediction: answers.BatchPrediction,
  BatchRefusal: answers.BatchRefusal,
  BatchResult: answers.BatchResult,
  BatchNote: answers.BatchNote,
  BatchSummary: answers.BatchSummary,
  BatchAnswer: answers.BatchAnswer,
  BatchEnd: answers.BatchEnd,
  OutcomeEntry: answers.OutcomeEntry,
  OutcomeRequest: answers.OutcomeRequest,
  StoredPrediction: answers.StoredPrediction,
  PredictionDetail: answers.PredictionDetail,
  PredictionPage: answers.PredictionPage,
  ErasureAnswer: answers.ErasureAnswer,
  Live,
  Ready,
} as const satisfies Record<string, z.ZodType>;

export type SchemaName = keyof typeof ANSWERS | 'Contract' | 'Record';

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  FieldError: 'What is wrong with a field: more than one for a rule between fields, none for the record as a whole.',
  FieldWarning: 'Why a prediction should be read with care although the record is accepted.',
  Problem: 'What went wrong (RFC 9457). `type` tells problems apart; `errors` names every field that is at fault.',
  Recorded:
    '`stored`: it can be read already. `queued`: it will be stored. `spooled`: so it will, and is kept elsewhere while neither the queue nor the database takes it. `pending`: the answer did not wait to know. `failed`: it was answered, and nothing took the record. `off`: nothing is recorded in this environment.',
  PredictAnswer:
    'A prediction. `id` finds it in the history once it is stored. `model` has the first 12 digits of the sha256 of the graph and of contract.json, which covers the graph.',
  ValidateAnswer: '`record` is how the fields were understood, in canonical spelling; null where it is not valid.',
  ExploreRequest:
    '`record` as predict takes it; `vary.field` may be left out of it. Each of `vary.values` takes the place of what it says of `vary.field`.',
  ExplorePoint:
    'What predict would answer with `value`, or why it would refuse. `value` is null where nothing was varied.',
  ExploreAnswer: 'A point for each value, in their order.',
  Capabilities: 'What there is here. `scopes` are those of the key that was sent.',
  BatchPrediction: 'A row that was predicted. `line` is its line in the text, or its position from 1 in the array.',
  BatchRefusal: 'A row that was refused, and why. The other rows are predicted all the same.',
  BatchNote:
    'How a file was read, where that was not plain. `rule` is one of `encoding`, `above-header`, `column-set-aside`, `column-recognised`, `column-absent`, `column-without-name` and `total-line`; there may be others.',
  BatchSummary:
    '`stopped` says why the batch ended before its last row; it is absent where it did not. So is `notes` where there is nothing to say of how the file was read.',
  BatchEnd: 'The last line of a batch that is answered as NDJSON.',
  OutcomeEntry: 'What really happened, as somebody recorded it.',
  OutcomeRequest:
    'What really happened. The label, or the number, is of the model that made the prediction: another version than the one that serves may have others than are named here.',
  StoredPrediction:
    'A prediction as it was recorded. `outcome` is the latest one that was recorded. `model.contractSha256` is null where the prediction was recorded before contract digests were kept.',
  PredictionDetail: 'A stored prediction with every outcome that was recorded, the latest first.',
  PredictionPage:
    'The newest predictions first, unless `sort` says otherwise. `nextCursor` is null on the last page. `total` is there where `count` asks for it; where it is not exact, there are more.',
  ErasureAnswer: 'What was erased. `id` is that of the entry in the audit of erasures.',
  Contract: 'contract.json of the version that serves: what the model accepts, computes and answers.',
};

/** What a zod schema leaves to the contract's validator, as typed clients are to send it. */
const TYPED: Readonly<Record<string, JsonObject>> = {
  ExploreRequest: { record: { $ref: '#/components/schemas/Record' } },
};

/** The schemas of everything that is sent and answered, by name. */
export function createSchemas(contract: Contract): JsonObject {
  const schemas = {
    ...toSchemas(ANSWERS, 'output', contract.output.kind ?? 'binary'),
    ...toSchemas({ Contract: ContractFields }, 'input', null),
  };
  // Not as limits: an older prediction is shown in its own model's words.
  const words = outputKind(contract.output).describeFields();
  const described = Object.entries(schemas).map(([name, { properties, ...schema }]) => [
    name,
    {
      ...(DESCRIPTIONS[name] !== undefined && { description: DESCRIPTIONS[name] }),
      ...schema,
      ...(properties && { properties: { ...addWords(properties, words), ...TYPED[name] } }),
    },
  ]);
  return { Record: createRecordSchema(contract), ...Object.fromEntries(described) };
}

function addWords(properties: Record<string, object | boolean>, words: Record<string, string>): JsonObject {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [
      name,
      typeof schema === 'object' && words[name] !== undefined ? { description: words[name], ...schema } : schema,
    ]),
  );
}

/** The schemas that differ by the kind of the output, and the place of each kind's among them: a document describes one model. */
const BY_KIND: ReadonlyMap<z.core.$ZodType, Record<OutputKindName, number>> = new Map<
  z.core.$ZodType,
  Record<OutputKindName, number>
>([
  [answers.PredictAnswer, { binary: 0, multiclass: 1, regression: 2 }],
  [answers.BatchPrediction, { binary: 0, multiclass: 1, regression: 2 }],
  [answers.StoredPrediction, { binary: 0, multiclass: 1, regression: 2 }],
  [answers.PredictionDetail, { binary: 0, multiclass: 1, regression: 2 }],
  [answers.ExploredPoint, { binary: 0, multiclass: 1, regression: 2 }],
  [answers.ExploreAnswer, { binary: 0, multiclass: 1, regression: 1 }],
  [answers.OutcomeEntry, { binary: 0, multiclass: 0, regression: 1 }],
  [answers.OutcomeRequest, { binary: 0, multiclass: 0, regression: 1 }],
]);

/** The JSON Schemas (2020-12) of zod schemas that refer to each other. */
function toSchemas(schemas: Readonly<Record<string, z.ZodType>>, io: 'input' | 'output', kind: OutputKindName | null) {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const generated = z.toJSONSchema(registry, {
    io,
    uri: (id) => `#/components/schemas/${id}`,
    override: ({ zodSchema, jsonSchema }) => {
      const chosen = kind && BY_KIND.get(zodSchema)?.[kind];
      if (chosen !== null && chosen !== undefined) {
        const of = jsonSchema.anyOf?.[chosen];
        delete jsonSchema.anyOf;
        Object.assign(jsonSchema, of);
      }
      // zod's own expressions for what the format says, and its limit for what any JSON parser reads exactly.
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      // An answer always has the field: the default is for messages of earlier versions. Generators give it to the type of the text.
      if (io === 'output' && jsonSchema.default === null) delete jsonSchema.default;
    },
  });
  return Object.fromEntries(
    Object.entries(generated.schemas).map(([name, { $schema: _, $id: __, ...schema }]) => [name, schema]),
  );
}
