import * as z from 'zod';
import { all, answers, answersMaybe, type Check, refuses } from '../checks.ts';
import type { Call } from '../exchange.ts';
import { ModelMetadata, ServerMetadata } from '../protocol.ts';
import type { Subject } from '../subject.ts';
import type { Case } from './case.ts';

const NOTHING = 'no-such-thing';
export const UNKNOWN_VERSION = '987654.3.21';

/** Addresses of the server and of its models. */
export const serverCases: Case[] = [
  { title: 'GET /v2 describes the server', call: () => ({ path: '/v2' }), check: answers(ServerMetadata) },
  { title: 'GET /v2/ describes it, too', call: () => ({ path: '/v2/' }), check: answers(ServerMetadata) },
  {
    title: 'GET /v2/health/live, as the specification has it',
    call: () => ({ path: '/v2/health/live' }),
    check: answersMaybe(z.object({ live: z.literal(true) })),
  },
  {
    title: 'GET /v2/health/ready, "live" as the specification has it',
    call: () => ({ path: '/v2/health/ready' }),
    check: answersMaybe(z.object({ live: z.literal(true) })),
  },
  {
    title: 'GET /v2/health/ready, "ready" as clients read it',
    call: () => ({ path: '/v2/health/ready' }),
    check: answersMaybe(z.object({ ready: z.literal(true) })),
  },
  { title: 'POST /v2 is another method', call: () => ({ path: '/v2', method: 'POST' }), check: refuses() },
  {
    title: 'DELETE /v2/health/ready is another method',
    call: () => ({ path: '/v2/health/ready', method: 'DELETE' }),
    check: refuses(),
  },
  { title: 'an unknown address below /v2', call: () => ({ path: `/v2/${NOTHING}` }), check: refuses(404) },
];

export const modelCases: Case[] = [
  { title: 'GET the model describes it', call: ({ path }) => ({ path }), check: describesTheModel() },
  {
    title: 'GET the version describes the model',
    call: ofVersion((path) => ({ path })),
    check: describesTheModel(),
  },
  {
    title: 'GET the model whose name is percent-encoded',
    call: ({ path, metadata: { name } }) => ({ path: path.replace(encodeURIComponent(name), encodeAll(name)) }),
    check: describesTheModel(),
  },
  { title: 'GET …/ready of the model', call: ({ path }) => ({ path: `${path}/ready` }), check: isReady() },
  {
    title: 'GET …/ready of the version',
    call: ofVersion((path) => ({ path: `${path}/ready` })),
    check: isReady(),
  },
  { title: 'GET an unknown model', call: () => ({ path: `/v2/models/${NOTHING}` }), check: refuses() },
  { title: 'GET …/ready of an unknown model', call: () => ({ path: `/v2/models/${NOTHING}/ready` }), check: refuses() },
  {
    title: 'GET an unknown version',
    call: ofVersion((path) => ({ path }), UNKNOWN_VERSION),
    check: refuses(),
  },
  {
    title: 'GET …/ready of an unknown version',
    call: ofVersion((path) => ({ path: `${path}/ready` }), UNKNOWN_VERSION),
    check: refuses(),
  },
  {
    title: 'GET a version that climbs out of the store',
    call: ofVersion((path) => ({ path }), '../../secret'),
    check: refuses(),
  },
  { title: 'POST the model is another method', call: ({ path }) => ({ path, method: 'POST' }), check: refuses() },
  { title: 'GET …/infer is another method', call: ({ path }) => ({ path: `${path}/infer` }), check: refuses() },
];

/** A call to the address of a version, by default of the version that answers. */
export function ofVersion(call: (path: string, subject: Subject) => Call, wanted?: string): Case['call'] {
  return (subject) => {
    const { path, version, metadata } = subject;
    if (version === null || !metadata.versions) return { skip: 'the server tells no versions' };
    return call(`${path.replace(/\/versions\/.*/, '')}/versions/${encodeURIComponent(wanted ?? version)}`, subject);
  };
}

function encodeAll(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

function describesTheModel(): Check {
  return all(answers(ModelMetadata), (answer, subject) =>
    answers(ModelMetadata.extend({ name: z.literal(subject.metadata.name) }))(answer, subject),
  );
}

function isReady(): Check {
  return (answer, subject) =>
    answersMaybe(z.object({ name: z.literal(subject.metadata.name), ready: z.literal(true) }))(answer, subject);
}
