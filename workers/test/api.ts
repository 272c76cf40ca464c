import { exports } from 'cloudflare:workers';
import { expect } from 'vitest';
import { PredictAnswer, Problem } from '../../common/api/answers.ts';
import { type BinaryAnswer, binary } from '../../common/test/binary.ts';
import { KEYS } from './keys.ts';

export type Send = (request: Request) => Promise<Response>;

/** Sends to the worker under test, with the key that may do everything: see `withKey`. */
export const send: Send = (request) => exports.default.fetch(withKey(request));

const anonymousRequests = new WeakSet<Request>();

/** Marks a request that is to be sent without a key. */
export function anonymous(request: Request): Request {
  anonymousRequests.add(request);
  return request;
}

/** The request with the key that may do everything, unless it has a key of its own, or is to be anonymous. */
export function withKey(request: Request, { key } = KEYS.all): Request {
  const { headers } = request;
  if (anonymousRequests.has(request) || headers.has('authorization') || headers.has('x-api-key')) return request;
  const changed = new Headers(headers);
  changed.set('authorization', `Bearer ${key}`);
  return new Request(request, { headers: changed });
}

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
export async function readProblem(response: Response, status: number, code: string): Promise<Problem> {
  const text = await response.text();
  expect([response.status, response.headers.get('content-type')], text).toEqual([status, 'application/problem+json']);
  const problem = Problem.parse(JSON.parse(text));
  expect(problem, text).toMatchObject({ type: `/problems/${code}`, status });
  return problem;
}

/** Reads a response that must be an answer of predict, by a binary model. */
export async function readAnswer(response: Response): Promise<BinaryAnswer> {
  const text = await response.text();
  if (response.status !== 200) throw new Error(`expected status 200, got ${response.status}: ${text}`);
  return binary(PredictAnswer.parse(JSON.parse(text)));
}
