import type { Contract } from '../contract/contract.ts';
import type { BatchMediaType } from './batch-format.ts';
import { createExamples } from './openapi-examples.ts';
import {
  ERASURE_PARAMETERS,
  EXPORT_PARAMETERS,
  ID,
  IDEMPOTENCY_KEY,
  IF_NONE_MATCH,
  PAGE_PARAMETERS,
} from './openapi-parameters.ts';
import type { SchemaName } from './openapi-schemas.ts';
import type { Answer, Deployment, JsonObject } from './openapi-types.ts';
import type { ProblemCode } from './problems.ts';
import type { Scope } from './scope.ts';

export type Operation = {
  path: string;
  method: 'get' | 'post' | 'put' | 'delete';
  id: string;
  tag: string;
  summary: string;
  description?: string;
  /** Null for an operation that is open to anybody in every environment. */
  scope: Scope | null;
  /** Whether it heeds a key though it asks for no scope. */
  takesKey?: true;
  parameters?: readonly JsonObject[];
  requestBody?: JsonObject;
  /** By status. */
  answers: Record<number, Answer>;
  /** Its problems, beside those of every operation of its scope. */
  problems: readonly ProblemCode[];
};

const SERVICE: ProblemCode[] = ['internal', 'misconfigured'];
const RECORD: ProblemCode[] = ['invalid-json', 'body-too-large', 'unsupported-media-type'];
const IDEMPOTENCY: ProblemCode[] = [
  'invalid-idempotency-key',
  'idempotency-unavailable',
  'idempotency-key-reused',
  'idempotency-not-settled',
  'database-unavailable',
];
const BATCH: ProblemCode[] = [
  ...RECORD,
  'invalid-csv',
  'invalid-multipart',
  'not-acceptable',
  'too-many-rows',
  'invalid-columns',
  ...IDEMPOTENCY,
  'model-unavailable',
  ...SERVICE,
];
const HISTORY: ProblemCode[] = ['history-unavailable', 'database-unavailable', ...SERVICE];
const ONE_PREDICTION: ProblemCode[] = ['prediction-not-found', 'invalid-id', ...HISTORY];

const ETAG_HEADER = { ETag: { $ref: '#/components/headers/ETag' } };
const NOT_MODIFIED: Answer = { description: 'The caller has it already', headers: ETAG_HEADER, content: {} };

/** Every operation of the API, in the order in which they are shown. */
export function createOperations(contract: Contract, deployment: Deployment): Operation[] {
  return [...predictOperations(contract, deployment), ...HISTORY_OPERATIONS, ...SERVICE_OPERATIONS];
}

function predictOperations(contract: Contract, { batch: { maxRows, maxBytes } }: Deployment): Operation[] {
  const examples = createExamples(contract);
  const record = {
    required: true,
    content: { 'application/json': { schema: schemaRef('Record'), examples: examples.records } },
  };
  return [
    {
      path: '/v1/predict',
      method: 'post',
      id: 'predict',
      tag: 'Predict',
      summary: 'Predict one record',
      description: 'At most 64 KiB. The prediction is recorded where the environment records: see `recorded`.',
      scope: 'predict',
      parameters: [IDEMPOTENCY_KEY],
      requestBody: record,
      answers: { 200: json('The prediction', 'PredictAnswer', examples.predictions) },
      problems: [...RECORD, 'invalid-record', ...IDEMPOTENCY, 'model-unavailable', ...SERVICE],
    },
    {
      path: '/v1/predict/batch',
      method: 'post',
      id: 'predictBatch',
      tag: 'Predict',
      summary: 'Predict many records',
      description: [
        `At most ${maxRows} rows and ${maxBytes} bytes; 8 MiB for JSON, for a form, and with an Idempotency-Key. Each row is predicted, or refused with the reason: one that is refused`,
        'does not keep the others from being predicted. The answer has the format that `Accept` asks for, else that of the',
        'request, and is sent while the rows are predicted. NDJSON may also be called `application/ndjson` or `application/jsonl`.',
      ].join(' '),
      scope: 'predict',
      parameters: [IDEMPOTENCY_KEY],
      requestBody: { required: true, content: batchBodies(contract, examples) },
      answers: { 200: BATCH_ANSWER },
      problems: BATCH,
    },
    ...narrowBatches(contract, examples),
    {
      path: '/v1/validate',
      method: 'post',
      id: 'validate',
      tag: 'Predict',
      summary: 'Check one record',
      description: 'Says what predict would say of the record. Nothing is predicted or recorded.',
      scope: 'predict',
      requestBody: record,
      answers: {
        200: json('Whether the record is valid, and how it was understood', 'ValidateAnswer', examples.validations),
      },
      problems: [...RECORD, 'model-unavailable', ...SERVICE],
    },
    {
      path: '/v1/explore',
      method: 'post',
      id: 'explore',
      tag: 'Predict',
      summary: 'Try other values',
      description: [
        'What predict would answer to the record, or to the record with each of up to 200 values of one field. A value with',
        'which the record is not valid has its errors in place of a probability. Nothing is recorded.',
      ].join(' '),
      scope: 'predict',
      requestBody: {
        required: true,
        content: { 'application/json': { schema: schemaRef('ExploreRequest'), example: examples.exploration } },
      },
      answers: { 200: json('A point for each value', 'ExploreAnswer') },
      problems: [...RECORD, 'invalid-exploration', 'invalid-record', 'model-unavailable', ...SERVICE],
    },
  ];
}

/** The batch in one format an address: generators of typed clients cannot send one of several, nor read one of several. */
function narrowBatches(contract: Contract, examples: ReturnType<typeof createExamples>): Operation[] {
  const bodies = batchBodies(contract, examples);
  const one = (last: string, id: string, summary: string, mediaType: string, never: ProblemCode[]): Operation[] => {
    const body = bodies[mediaType];
    if (body === undefined) return [];
    return [
      {
        path: `/v1/predict/batch/${last}`,
        method: 'post',
        id,
        tag: 'Predict',
        summary,
        description: `As \`/v1/predict/batch\` does, which takes and answers other formats too. At most 8 MiB.`,
        scope: 'predict',
        parameters: [IDEMPOTENCY_KEY],
        requestBody: { required: true, content: { [mediaType]: body } },
        answers: { 200: json('A result for every row', 'BatchAnswer') },
        problems: BATCH.filter((code) => !never.includes(code)),
      },
    ];
  };
  return [
    ...one('json', 'predictBatchJson', 'Predict many records, as JSON', 'application/json', [
      'invalid-csv',
      'invalid-columns',
      'invalid-multipart',
    ]),
    ...one('form', 'predictBatchForm', 'Predict the rows of CSV extracts, as a form', 'multipart/form-data', [
      'invalid-json',
    ]),
  ];
}

function batchBodies(
  { groups, identifier }: Contract,
  { csv, ndjson, array }: ReturnType<typeof createExamples>,
): JsonObject {
  const extracts = groups.map(({ id, label }) => [
    id,
    // The format is OpenAPI 3.0's word for a file: generators know it better than contentMediaType.
    { type: 'string', format: 'binary', contentMediaType: 'text/csv', description: `CSV file: ${label.en}` },
  ]);
  return {
    'application/json': { schema: { type: 'array', items: schemaRef('Record') }, example: array },
    'application/x-ndjson': { schema: { type: 'string', description: 'One record a line, as JSON' }, example: ndjson },
    'text/csv': {
      schema: { type: 'string', description: 'One record a line, after a line that names the columns' },
      example: csv,
    },
    // The files are joined by the identifier.
    ...(identifier && {
      'multipart/form-data': {
        schema: {
          type: 'object',
          description: `One CSV file for each extract, joined by \`${identifier.name}\``,
          properties: Object.fromEntries(extracts),
          required: groups.map(({ id }) => id),
          additionalProperties: false,
        },
        encoding: Object.fromEntries(groups.map(({ id }) => [id, { contentType: 'text/csv' }])),
      },
    }),
  };
}

const BATCH_CONTENT = {
  'application/json': { schema: schemaRef('BatchAnswer') },
  'application/x-ndjson': {
    schema: { type: 'string', description: 'A BatchResult a line, in the order of the rows, then one BatchEnd' },
  },
  'text/csv': {
    schema: {
      type: 'string',
      description: 'A line a row; a batch that ended before its last row ends with a line that says why',
    },
  },
} as const satisfies Record<BatchMediaType, JsonObject>;

const BATCH_ANSWER: Answer = { description: 'A result for every row', content: BATCH_CONTENT };

const HISTORY_OPERATIONS: Operation[] = [
  {
    path: '/v1/predictions',
    method: 'get',
    id: 'listPredictions',
    tag: 'History',
    summary: 'List predictions, the newest first',
    scope: 'read',
    parameters: PAGE_PARAMETERS,
    answers: { 200: json('One page', 'PredictionPage') },
    problems: ['invalid-query', ...HISTORY],
  },
  {
    path: '/v1/predictions',
    method: 'delete',
    id: 'erasePredictionsOf',
    tag: 'History',
    summary: 'Erase every prediction about somebody',
    description: 'Also those that are still on their way to the database.',
    scope: 'admin',
    parameters: ERASURE_PARAMETERS,
    answers: { 200: json('What was erased', 'ErasureAnswer') },
    problems: ['invalid-query', ...HISTORY],
  },
  {
    path: '/v1/predictions/export',
    method: 'get',
    id: 'exportPredictions',
    tag: 'History',
    summary: 'Export predictions as CSV',
    scope: 'read',
    parameters: EXPORT_PARAMETERS,
    answers: {
      200: {
        description: 'A line a prediction, the newest first',
        headers: { 'Content-Disposition': { $ref: '#/components/headers/Content-Disposition' } },
        content: { 'text/csv': { schema: { type: 'string' } } },
      },
    },
    problems: ['invalid-query', 'model-unavailable', ...HISTORY],
  },
  {
    path: '/v1/predictions/{id}',
    method: 'get',
    id: 'getPrediction',
    tag: 'History',
    summary: 'Read one prediction',
    description: 'Readable a second or two after it was made.',
    scope: 'read',
    parameters: [ID],
    answers: { 200: json('The prediction and its outcomes', 'PredictionDetail') },
    problems: ONE_PREDICTION,
  },
  {
    path: '/v1/predictions/{id}',
    method: 'delete',
    id: 'erasePrediction',
    tag: 'History',
    summary: 'Erase one prediction',
    scope: 'admin',
    parameters: [ID],
    answers: { 200: json('What was erased', 'ErasureAnswer') },
    problems: ONE_PREDICTION,
  },
  {
    path: '/v1/predictions/{id}/outcome',
    method: 'put',
    id: 'putOutcome',
    tag: 'History',
    summary: 'Record what really happened',
    description:
      'The labels are those of the model that made the prediction; while its version cannot be read, the answer is 503. The same outcome again changes nothing; another one takes its place, and both stay in the history. It may be observed from the day of the prediction until today (UTC).',
    scope: 'write',
    parameters: [ID],
    requestBody: { required: true, content: { 'application/json': { schema: schemaRef('OutcomeRequest') } } },
    answers: { 200: json('The outcome as it was recorded', 'OutcomeEntry') },
    problems: [...RECORD, 'invalid-outcome', 'model-unavailable', ...ONE_PREDICTION],
  },
];

const SERVICE_OPERATIONS: Operation[] = [
  {
    path: '/v1/capabilities',
    method: 'get',
    id: 'getCapabilities',
    tag: 'Model',
    summary: 'What there is in this environment, and what the caller may do',
    scope: null,
    takesKey: true,
    answers: { 200: json('What there is', 'Capabilities') },
    problems: SERVICE,
  },
  {
    path: '/v1/model',
    method: 'get',
    id: 'getModel',
    tag: 'Model',
    summary: 'The contract of the version that serves',
    scope: null,
    parameters: [IF_NONE_MATCH],
    answers: {
      200: { ...json('contract.json, as it was published', 'Contract'), headers: ETAG_HEADER },
      304: NOT_MODIFIED,
    },
    problems: ['model-unavailable', ...SERVICE],
  },
  {
    path: '/openapi.json',
    method: 'get',
    id: 'getOpenApi',
    tag: 'Model',
    summary: 'This document',
    scope: null,
    parameters: [IF_NONE_MATCH],
    answers: {
      200: {
        description: 'The description of the API (OpenAPI 3.1) while this version serves',
        headers: ETAG_HEADER,
        content: { 'application/json': { schema: { type: 'object', additionalProperties: true } } },
      },
      304: NOT_MODIFIED,
    },
    problems: ['model-unavailable', ...SERVICE],
  },
  {
    path: '/health/live',
    method: 'get',
    id: 'live',
    tag: 'Health',
    summary: 'Whether the Worker runs',
    scope: null,
    answers: { 200: json('It does', 'Live') },
    problems: ['internal'],
  },
  {
    path: '/health/ready',
    method: 'get',
    id: 'ready',
    tag: 'Health',
    summary: 'Whether a prediction would be answered, and recorded where this environment records',
    scope: null,
    answers: { 200: json('It would', 'Ready'), 503: json('It would not', 'Ready') },
    problems: SERVICE,
  },
];

function json(description: string, schema: SchemaName, examples?: JsonObject): Answer {
  return {
    description,
    content: { 'application/json': { schema: schemaRef(schema), ...(examples && { examples }) } },
  };
}

function schemaRef(name: SchemaName): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}
