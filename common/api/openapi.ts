import type { Contract } from '../contract/contract.ts';
import { createOperations, type Operation } from './openapi-operations.ts';
import { createProblemExamples, createProblemResponses } from './openapi-problems.ts';
import { createSchemas } from './openapi-schemas.ts';
import type { Answer, Deployment, JsonObject } from './openapi-types.ts';
import type { ProblemCode } from './problems.ts';
import type { Scope } from './scope.ts';

export type OpenApi = {
  openapi: string;
  info: JsonObject;
  paths: Record<string, Record<string, JsonObject>>;
  components: Record<string, JsonObject>;
} & JsonObject;

/** The OpenAPI document (3.1) of the API while the version of this contract serves. */
export function createOpenApi(contract: Contract, deployment: Deployment): OpenApi {
  const paths: OpenApi['paths'] = {};
  for (const operation of createOperations(contract, deployment)) {
    const { path, method } = operation;
    paths[path] = { ...paths[path], [method]: describeOperation(operation, deployment) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: `${contract.title.en}: API`,
      version: contract.version,
      summary: `Predictions of ${contract.name} ${contract.version}`,
      description: `${contract.description.en}\n\n${USAGE}`,
    },
    servers: [{ url: '/', description: 'Where this document was read' }],
    tags: [
      { name: 'Predict', description: 'Probabilities for records' },
      { name: 'History', description: 'What was predicted, and what really happened' },
      { name: 'Model', description: 'The version that serves' },
      { name: 'Health', description: 'Whether the service works' },
    ],
    paths,
    components: {
      schemas: createSchemas(contract),
      examples: createProblemExamples(),
      headers: HEADERS,
      parameters: PARAMETERS,
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

const USAGE = `The version of this document is that of the model: another version may ask for other fields.

Every answer has the header \`X-Request-Id\`: the caller's own, or a new one. Errors are \`application/problem+json\`
(RFC 9457). An unknown address is answered 404 (\`/problems/not-found\`), and a method that an address does
not have 405 (\`/problems/method-not-allowed\`), with those that it has in \`Allow\`.

An API key goes into \`Authorization: Bearer KEY\` or \`X-API-Key: KEY\`. What it may do are its scopes: \`predict\`,
\`read\`, \`write\`, \`admin\`; none includes another.

Two protocols that are not described here are served beside it, under the same keys and the same rules: the Open Inference
Protocol (REST) below \`/v2\`, and MLflow's scoring at \`/invocations\`.`;

const HEADERS = {
  'X-Request-Id': { description: 'What the request is called in the log.', schema: { type: 'string' } },
  'Retry-After': {
    description: 'After how many seconds it makes sense to try again.',
    schema: { type: 'integer', minimum: 1 },
  },
  'WWW-Authenticate': { description: 'How to authenticate (RFC 6750).', schema: { type: 'string' } },
  ETag: { description: 'Changes whenever the answer does.', schema: { type: 'string' } },
  'Content-Disposition': { description: 'A file name for the answer.', schema: { type: 'string' } },
};

const REQUEST_ID = { 'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' } };

const PARAMETERS = {
  'X-Request-Id': {
    name: 'X-Request-Id',
    in: 'header',
    description: "The caller's name for the request. Another form is replaced by a new one.",
    schema: { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,128}$' },
  },
};

const SECURITY_SCHEMES = {
  bearer: { type: 'http', scheme: 'bearer', description: 'An API key: "fk_", its id, "_" and 43 more characters.' },
  apiKey: {
    type: 'apiKey',
    in: 'header',
    name: 'X-API-Key',
    description: 'The same API key, where Bearer cannot be sent.',
  },
};

/** The problems of every operation that takes a key, beside its own. */
const KEY_PROBLEMS: ProblemCode[] = ['invalid-key', 'expired-key', 'too-many-requests'];
/** The problem of a caller without the scope, where the scope is not public. */
const SCOPE_PROBLEMS: ProblemCode[] = ['missing-key', 'insufficient-scope'];

function describeOperation(operation: Operation, { publicScopes }: Deployment): JsonObject {
  const {
    id,
    tag,
    summary,
    description,
    scope,
    takesKey = scope !== null,
    parameters = [],
    requestBody,
    answers,
    problems,
  } = operation;
  const isPublic = scope === null || publicScopes.includes(scope);
  const codes = [...(takesKey ? KEY_PROBLEMS : []), ...(isPublic ? [] : SCOPE_PROBLEMS), ...problems];
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    security: [...(isPublic ? [{}] : []), ...(takesKey ? securityOf(scope) : [])],
    parameters: [...parameters, { $ref: '#/components/parameters/X-Request-Id' }],
    ...(requestBody && { requestBody }),
    responses: merge(answers, createProblemResponses(codes)),
  };
}

function securityOf(scope: Scope | null): JsonObject[] {
  const scopes = scope === null ? [] : [scope];
  return [{ bearer: scopes }, { apiKey: scopes }];
}

/** An operation may answer one status both with data and as a problem: they differ by their media type. */
function merge(answers: Record<number, Answer>, problems: Record<number, Answer>): JsonObject {
  const statuses = [...Object.keys(answers), ...Object.keys(problems)].map(Number).sort((a, b) => a - b);
  return Object.fromEntries(
    statuses.map((status) => {
      const both = [answers[status], problems[status]].filter((it) => it !== undefined);
      return [
        status,
        {
          description: both.map((it) => it.description).join('; or: '),
          headers: { ...REQUEST_ID, ...answers[status]?.headers, ...problems[status]?.headers },
          content: { ...answers[status]?.content, ...problems[status]?.content },
        },
      ];
    }),
  );
}
