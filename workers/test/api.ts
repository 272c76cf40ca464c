import { exports } from 'cloudflare:workers';
import { z } from 'zod';

/** What predict answers. Strict, so that a test notices a field that is added or lost. */
export const Answer = z.strictObject({
  id: z.uuidv7(),
  label: z.string(),
  probability: z.number(),
  threshold: z.number(),
  risk: z.string(),
  model: z.strictObject({ name: z.string(), version: z.string(), sha256: z.string().length(12) }),
  warnings: z.array(z.strictObject({ fields: z.array(z.string()), code: z.string(), detail: z.string() })),
  recorded: z.enum(['queued', 'failed', 'off']),
});

/** A problem, as RFC 9457 has it, with this API's `errors`. */
export const Problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  errors: z.array(z.strictObject({ fields: z.array(z.string()), rule: z.string(), detail: z.string() })).optional(),
});

export type Send = (request: Request) => Promise<Response>;

/** Sends to the worker under test. */
export const send: Send = (request) => exports.default.fetch(request);

export function get(path: string): Request {
  return new Request(`http://localhost${path}`);
}

export function post(path: string, body: BodyInit, contentType = 'application/json'): Request {
  return new Request(`http://localhost${path}`, { method: 'POST', body, headers: { 'content-type': contentType } });
}

export function postJson(path: string, body: unknown): Request {
  return post(path, JSON.stringify(body));
}

/** Reads a response that must be this problem; returns it. */
export async function readProblem(response: Response, status: number, code: string): Promise<z.infer<typeof Problem>> {
  const text = await response.text();
  if (response.status !== status) throw new Error(`expected status ${status}, got ${response.status}: ${text}`);
  const type = response.headers.get('content-type');
  if (type !== 'application/problem+json') throw new Error(`expected a problem, got ${type}: ${text}`);
  const problem = Problem.parse(JSON.parse(text));
  if (problem.type !== `/problems/${code}` || problem.status !== status)
    throw new Error(`expected ${code}, got ${text}`);
  return problem;
}

/** Reads a response that must be an answer of predict. */
export async function readAnswer(response: Response): Promise<z.infer<typeof Answer>> {
  const text = await response.text();
  if (response.status !== 200) throw new Error(`expected status 200, got ${response.status}: ${text}`);
  return Answer.parse(JSON.parse(text));
}
