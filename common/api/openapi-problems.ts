import type { Answer, JsonObject } from './openapi-types.ts';
import { PROBLEMS, type ProblemCode } from './problems.ts';

/** Every problem as it is answered, to be shown as an example. */
export function createProblemExamples(): JsonObject {
  return Object.fromEntries(
    Object.entries(PROBLEMS).map(([code, { title, status, detail }]) => [
      code,
      { summary: title, value: { type: `/problems/${code}`, title, status, detail } },
    ]),
  );
}

/** The answers that these problems are, by status. */
export function createProblemResponses(codes: readonly ProblemCode[]): Record<number, Answer> {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of new Set(codes)) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(Array.from(byStatus, ([status, same]) => [status, describeResponse(status, same)]));
}

function describeResponse(status: number, codes: readonly ProblemCode[]): Answer {
  const canWait = codes.some((code) => 'retryAfterSeconds' in PROBLEMS[code]);
  return {
    description: codes.map((code) => PROBLEMS[code].title).join('; '),
    headers: {
      ...(canWait && { 'Retry-After': { $ref: '#/components/headers/Retry-After' } }),
      ...((status === 401 || status === 403) && {
        'WWW-Authenticate': { $ref: '#/components/headers/WWW-Authenticate' },
      }),
    },
    content: {
      'application/problem+json': {
        schema: {
          $ref: '#/components/schemas/Problem',
          properties: { type: { enum: codes.map((code) => `/problems/${code}`) }, status: { const: status } },
        },
        examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
      },
    },
  };
}
