import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listenOnLoopback, stopServer } from '../../scripts/lib/loopback.ts';
import { freePort, START_TIMEOUT_MS, type Stack, startStack } from '../kit/local-stack.ts';
import { runScript } from '../kit/run-script.ts';
import { type Answer, type Call, encodeJson, sendTo, toJson } from './exchange.ts';
import { HEADER_LENGTH } from './protocol.ts';
import { GROUPS, type Outcome, runCases } from './run-cases.ts';
import { discover, type Subject } from './subject.ts';

const CASES = Object.values(GROUPS).flat().length;
const WHATEVER = { model: null, version: null, request: null };

describe('the local system', () => {
  let directory: string;
  let stack: Stack;
  let key: string;
  let subject: Subject;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'conformance-'));
    stack = startStack('--port', String(await freePort()), '--data', directory);
    await stack.ready();
    key = await stack.key();
    subject = await discover(sendTo(stack.url, key), true, WHATEVER);
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await stack.stop();
    await rm(directory, { recursive: true });
  });

  it('conforms', async () => {
    const { code, stdout, stderr } = await runScript('conformance', ['--url', stack.url, '--json'], {
      FUTURISYS_API_KEY: key,
    });
    expect(JSON.parse(stdout), stderr).toMatchObject({ pass: CASES, fail: 0, skip: 0 });
    expect(code).toBe(0);
  });

  it('conforms for a version that is asked for by its number', async () => {
    const { metadata, version } = subject;
    const options = ['--url', `${stack.url}/`, '--key', key, '--model', metadata.name, '--version', String(version)];
    const { code, stdout } = await runScript('conformance', options);
    expect(stdout).toContain(`${CASES} passed, 0 failed, 0 skipped.`);
    expect(code).toBe(0);
  });

  /** Runs the cases against a server whose answers are spoilt. */
  async function failures(spoil: (answer: Answer, call: Call) => Answer | Promise<Answer>) {
    const outcomes = await runCases({ ...subject, send: async (call) => spoil(await subject.send(call), call) });
    return outcomes.filter(({ result }) => result === 'fail');
  }
  const titles = (outcomes: Outcome[]) => outcomes.map(({ title }) => title);

  it('that forgets the id is found out', async () => {
    const found = await failures((answer) => editJson(answer, ({ id: _, ...rest }) => rest));
    expect(titles(found)).toEqual(['the id comes back']);
  });

  it('that answers errors in another form is found out, in each of them', async () => {
    const found = await failures((answer) =>
      answer.status < 400 ? answer : { ...answer, body: encodeJson({ detail: 'no' }) },
    );
    expect(found.length).toBeGreaterThan(80);
    expect(new Set(found.map(({ why }) => why?.split(',')[0]))).toEqual(new Set(['expected {"error": text}']));
  });

  it('that answers anything with the same is found out, wherever it should refuse or differ', async () => {
    const body = encodeJson({ inputs: subject.rows[0] });
    const same = await subject.send({ path: `${subject.path}/infer`, method: 'POST', body });
    const found = await failures((answer, { path }) => (path.endsWith('/infer') ? same : answer));
    expect(found.length).toBeGreaterThan(70);
  });

  it('that is wrong by a little where the body is compressed is found out', async () => {
    const found = await failures((answer, { headers }) =>
      headers?.['content-encoding'] === 'gzip'
        ? { ...answer, body: new TextEncoder().encode(new TextDecoder().decode(answer.body).replace('0.00', '0.01')) }
        : answer,
    );
    expect(titles(found)).toEqual(['a body in gzip', 'a body in binary, in gzip']);
  });

  it('that fails, or breaks off, is found out', async () => {
    const found = await failures((answer, { headers, path }) => {
      if (path === '/v2/') throw new TypeError('fetch failed', { cause: new Error('socket hang up') });
      return headers?.[HEADER_LENGTH] && answer.status === 400 ? { ...answer, status: 500 } : answer;
    });
    expect(found[0]).toMatchObject({
      title: 'GET /v2/ describes it, too',
      why: expect.stringContaining('socket hang up'),
    });
    expect(found.length).toBeGreaterThan(15);
    expect(found.slice(1).every(({ why }) => why?.startsWith('expected 4xx, got 500'))).toBe(true);
  });

  it('whose binary outputs are cut off is found out', async () => {
    const found = await failures((answer) =>
      answer.headers.has(HEADER_LENGTH) ? { ...answer, body: answer.body.subarray(0, -1) } : answer,
    );
    expect(titles(found)).toEqual([
      'all outputs in binary',
      'all inputs and all outputs in binary',
      'one output in binary, the others in JSON',
      'one output in JSON where all others are in binary',
    ]);
  });
});

function editJson(answer: Answer, edit: (json: Record<string, unknown>) => object): Answer {
  const json = toJson(answer);
  return typeof json === 'object' && json !== null ? { ...answer, body: encodeJson(edit({ ...json })) } : answer;
}

describe('another server', () => {
  let server: Server;
  let url: string;
  /** Has a model of one number, and neither versions nor extensions; refuses nothing. */
  const ANSWERS: Record<string, unknown> = {
    '/v2': { name: 'other', version: '1', extensions: [] },
    '/v2/models/double': {
      name: 'double',
      platform: 'other',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
    },
    '/v2/models/double/infer': {
      model_name: 'double',
      id: null,
      outputs: [{ name: 'y', datatype: 'FP32', shape: [1], data: [4] }],
    },
  };
  beforeAll(async () => {
    server = createServer((request, response) => {
      const answer = ANSWERS[request.url ?? ''];
      request.resume();
      response.statusCode = answer ? 200 : 404;
      response.end(answer ? JSON.stringify(answer) : '{"error":"there is no such thing"}');
    });
    url = `http://127.0.0.1:${await listenOnLoopback(server)}`;
  });
  afterAll(() => stopServer(server));

  it('is checked as far as the cases apply to it', async () => {
    const { code, stdout } = await runScript('conformance', ['--url', url, '--model', 'double', '--json']);
    const { cases, ...counts }: { cases: Outcome[]; pass: number; fail: number; skip: number } = JSON.parse(stdout);
    const resultOf = (title: string) => cases.find((one) => one.title === title);
    expect(code).toBe(1);
    expect(counts.pass + counts.fail + counts.skip).toBe(CASES);
    expect(resultOf('POST …/infer of the model')).toMatchObject({ result: 'pass', why: null });
    expect(resultOf('GET an unknown model')).toMatchObject({ result: 'pass' });
    expect(resultOf('the id comes back')).toMatchObject({
      result: 'fail',
      why: expect.stringContaining('"id" is null'),
    });
    expect(resultOf('no inputs')).toMatchObject({
      result: 'fail',
      why: expect.stringContaining('expected 4xx, got 200'),
    });
    expect(resultOf('GET an unknown version')).toMatchObject({
      result: 'skip',
      why: expect.stringContaining('versions'),
    });
    expect(resultOf('all inputs in binary')).toMatchObject({
      result: 'skip',
      why: expect.stringContaining('extension'),
    });
    expect(resultOf('a number for text')).toMatchObject({ result: 'skip', why: expect.stringContaining('BYTES') });
    expect(resultOf('numbers as FP32')).toMatchObject({ result: 'skip', why: expect.stringContaining('contract') });
  });

  it('is told to the reader as a table', async () => {
    const { stdout, code } = await runScript('conformance', ['--url', url, '--model', 'double']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^server\n {2}ok {4}GET \/v2 describes the server\n/);
    expect(stdout).toMatch(/\n {2}FAIL {2}the id comes back\n {10}"id" is null/);
    expect(stdout).toMatch(/\n\d+ passed, \d+ failed, \d+ skipped\.\n$/);
  });

  it.each([
    ['no address', [], 2, '--url'],
    ['an address that is none', ['--url', 'localhost:8787'], 2, '--url'],
    ['no model where none is described', [], 1, '--model NAME'],
    ['a model that there is not', ['--model', 'triple'], 1, '404'],
    ['a request that is not there', ['--model', 'double', '--request', '/nowhere.json'], 1, '/nowhere.json'],
  ])('cannot be checked with %s', async (title, options, code, said) => {
    const address = title.includes('address') ? [] : ['--url', url];
    const finished = await runScript('conformance', [...address, ...options]);
    expect([finished.code, finished.stderr]).toEqual([code, expect.stringContaining(said)]);
  });

  it('that is not there is told so', async () => {
    const nowhere = `http://127.0.0.1:${await freePort()}`;
    const { code, stderr } = await runScript('conformance', ['--url', nowhere]);
    expect([code, stderr]).toEqual([1, expect.stringContaining(`${nowhere} cannot be reached: connect ECONNREFUSED`)]);
  });

  it('is asked with the request of a file', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'request-')), 'request.json');
    const tensor = { name: 'x', datatype: 'FP32', shape: [1], data: ['2'] };
    await writeFile(file, JSON.stringify({ inputs: [{ ...tensor, shape: 'one' }] }));
    const options = ['--url', url, '--model', 'double', '--request', file];
    expect((await runScript('conformance', options)).stderr).toContain('is no inference request');
    await writeFile(file, JSON.stringify({ inputs: [tensor] }));
    expect((await runScript('conformance', options)).stdout).toContain('ok    POST …/infer of the model');
    await rm(join(file, '..'), { recursive: true });
  });
});
