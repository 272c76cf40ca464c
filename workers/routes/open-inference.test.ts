import { beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { PredictionDetail } from '../../common/api/answers.ts';
import type { FeatureValue } from '../../common/contract/features/kind.ts';
import type { InferAnswer } from '../../common/protocols/open-inference/infer-answer.ts';
import {
  encodeRequest,
  type TestRequest,
  type TestTensor,
  toGraphTensors,
  toTensors,
} from '../../common/test/open-inference.ts';
import { anonymous, get, post, postJson, readAnswer, type Send } from '../test/api.ts';
import { newIsolate, WITHOUT_RECORDING } from '../test/isolate.ts';
import { KEYS } from '../test/keys.ts';
import {
  activate,
  bucket,
  exampleInput,
  type ModelFiles,
  readModel,
  renumber,
  storeVersion,
  TINY_MODEL,
} from '../test/models.ts';

/**
 * An isolate of these tests' own, which does not follow the pointer: that of the other tests may have read one that allows other
 * versions, and some tests here switch it for a moment.
 */
const send = newIsolate({ MODEL_REFRESH_SECONDS: 3600 });

const HEADER = 'Inference-Header-Content-Length';

let model: ModelFiles;
let name: string;
let input: Record<string, FeatureValue>;
let goldenRecords: Record<string, unknown>[];
beforeAll(async () => {
  model = await readModel();
  name = model.contract.name;
  input = exampleInput(model);
  goldenRecords = model.contract.golden.map(({ values }) =>
    Object.fromEntries(model.contract.features.map((feature, i) => [feature.name, values[i]])),
  );
  await activateModel();
});

/** The versions that may be asked for beside the active one, and whose tests store them. */
const ALLOWED = ['0.7.0', '0.7.1', '0.7.2', ...Array.from({ length: 6 }, (_, i) => `0.8.${i}`), '0.9.0'];

/** Activates the model, and allows those versions and the tiny model beside it. */
async function activateModel(): Promise<void> {
  const { contract: tiny } = await readModel(TINY_MODEL);
  const own = ALLOWED.map((version) => ({ name, version }));
  await activate(model, { alsoServing: [...own, { name: tiny.name, version: tiny.version }] });
}

const addressOf = (version?: string) =>
  `/v2/models/${name}${version === undefined ? '' : `/versions/${version}`}/infer`;

/** An inference request; with binary data, in the way of the clients that send it. */
function inferRequest(request: TestRequest, path = addressOf(), headers: Record<string, string> = {}): Request {
  const { body, headerLength } = encodeRequest(request);
  const made = post(path, body, headerLength === null ? 'application/json' : 'application/octet-stream');
  if (headerLength !== null) made.headers.set(HEADER, String(headerLength));
  for (const [header, value] of Object.entries(headers)) made.headers.set(header, value);
  return made;
}

/** An answer, with the values of its outputs by name, whether they came as JSON or as binary data. */
async function readInference(response: Response) {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const text = new TextDecoder().decode(bytes);
  if (response.status !== 200) throw new Error(`expected status 200, got ${response.status}: ${text}`);
  const headerLength = response.headers.get(HEADER);
  expect(response.headers.get('content-type')).toBe(headerLength ? 'application/octet-stream' : 'application/json');
  const end = headerLength === null ? bytes.length : Number(headerLength);
  const json: InferAnswer = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end)));
  const values: Record<string, (string | number)[]> = {};
  let at = end;
  for (const { name: output, datatype, data, parameters } of json.outputs) {
    const size = parameters?.binary_data_size ?? 0;
    values[output] = data ?? decodeOutput(datatype, bytes.slice(at, at + size));
    at += size;
  }
  expect(at).toBe(bytes.length);
  return { json, values };
}

function decodeOutput(datatype: string, bytes: Uint8Array): (string | number)[] {
  const view = new DataView(bytes.buffer);
  const values: (string | number)[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (datatype === 'FP64') {
      values.push(view.getFloat64(at, true));
      at += 8;
    } else {
      const length = view.getUint32(at, true);
      values.push(new TextDecoder().decode(bytes.subarray(at + 4, at + 4 + length)));
      at += 4 + length;
    }
  }
  return values;
}

const infer = async (request: TestRequest, path?: string) => readInference(await send(inferRequest(request, path)));
const tensors = (records: Record<string, unknown>[] = [input], options = {}) =>
  toTensors(model.contract, records, options);
const changed = (which: string, change: Partial<TestTensor>, options = {}) =>
  tensors([input], options).map((it) => (it.name === which ? { ...it, ...change } : it));

const ErrorBody = z.strictObject({ error: z.string().min(1) });

/** Reads a response that must be an error in the protocol's form; returns what it says. */
async function readError(response: Response, status: number): Promise<string> {
  const text = await response.text();
  expect([response.status, response.headers.get('content-type')], text).toEqual([status, 'application/json']);
  return ErrorBody.parse(JSON.parse(text)).error;
}

async function compress(bytes: Uint8Array<ArrayBuffer>, format: 'gzip' | 'deflate'): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

describe('the server', () => {
  it.each(['/v2', '/v2/'])('describes itself at %s', async (path) => {
    const response = await send(anonymous(get(path)));
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await response.json()).toEqual({
      name: 'futurisys',
      version: expect.any(String),
      extensions: ['binary_tensor_data'],
    });
  });

  it('is live and ready', async () => {
    expect(await (await send(anonymous(get('/v2/health/live')))).json()).toEqual({ live: true });
    expect(await (await send(anonymous(get('/v2/health/ready')))).json()).toEqual({ live: true, ready: true });
  });

  it('is live but not ready without a model, and says so in the form of the protocol', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const isolate = newIsolate();
    await bucket.delete('channels/active.json');
    try {
      expect((await isolate(get('/v2/health/live'))).status).toBe(200);
      for (const path of ['/v2/health/ready', `/v2/models/${name}/ready`, `/v2/models/${name}`]) {
        const response = await isolate(get(path));
        expect(response.headers.get('retry-after')).toBe('5');
        expect(await readError(response, 503)).toContain('No model version');
      }
      await readError(await isolate(inferRequest({ inputs: tensors() })), 503);
    } finally {
      await activateModel();
    }
  });

  it('is live, however it is configured; everything else says that it is not configured', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const isolate = newIsolate({ API_KEYS: 'secret nonsense' });
    expect((await isolate(get('/v2/health/live'))).status).toBe(200);
    for (const path of ['/v2', '/v2/health/ready', `/v2/models/${name}`])
      expect(await readError(await isolate(get(path)), 503)).not.toContain('nonsense');
  });
});

it('has every answer sent as it is, to clients that cannot read a compressed one', async () => {
  const requests = [
    get('/v2'),
    get('/v2/health/live'),
    get(`/v2/models/${name}`),
    get('/v2/nothing'),
    post('/v2', ''),
    inferRequest({ inputs: tensors() }),
    inferRequest({ inputs: [] }),
    anonymous(inferRequest({ inputs: tensors() })),
  ];
  for (const request of requests) {
    const { headers } = await send(request);
    expect([headers.get('cache-control'), headers.get('content-encoding')]).toEqual([
      'no-cache, no-transform',
      'identity',
    ]);
  }
});

describe('a model', () => {
  it('is described: its features, its outputs, its versions', async () => {
    await storeVersion(renumber(model, '0.9.0'));
    await storeVersion(model);
    const metadata = await (await send(anonymous(get(`/v2/models/${name}`)))).json();
    expect(metadata).toMatchObject({ name, platform: 'onnx_onnxv1', versions: expect.any(Array) });
    const { versions, inputs, outputs } = z
      .object({
        versions: z.array(z.string()),
        inputs: z.array(z.object({ name: z.string() })),
        outputs: z.array(z.unknown()),
      })
      .parse(metadata);
    // In their order, and without those that are only stored.
    await storeVersion(renumber(model, '0.6.0'));
    expect(versions).toEqual([...ALLOWED, model.contract.version]);
    expect(inputs.map((it) => it.name)).toEqual(model.contract.features.map((feature) => feature.name));
    expect(outputs).toContainEqual({ name: 'probability', datatype: 'FP64', shape: [-1] });
    for (const version of ['0.9.0', model.contract.version])
      expect(await (await send(anonymous(get(`/v2/models/${name}/versions/${version}`)))).json()).toEqual(metadata);
  });

  it('is ready, by name and by number', async () => {
    for (const path of [`/v2/models/${name}/ready`, `/v2/models/${name}/versions/${model.contract.version}/ready`])
      expect(await (await send(anonymous(get(path)))).json()).toEqual({ name, ready: true });
  });

  it.each(['', '/ready'])('that there is not is a 404 in the form of the protocol: …%s', async (rest) => {
    for (const path of [
      '/v2/models/nothing',
      `/v2/models/${name}x`,
      '/v2/models/..%2F..%2Fchannels',
      `/v2/models/${name}/versions/99.0.0`,
      `/v2/models/${name}/versions/1`,
      `/v2/models/${name}/versions/..%2F1.0.0`,
      '/v2/models/nothing/versions/1.0.0',
    ])
      expect(await readError(await send(get(path + rest)), 404), path).toMatch(/There is no (model|version)/);
  });
});

describe('an inference', () => {
  it('of all golden cases in one request is what /v1 answers to each', async () => {
    const { golden, output } = model.contract;
    for (const options of [{}, { isBinary: true }, { shape: [golden.length, 1] }]) {
      const { json, values } = await infer({ inputs: tensors(goldenRecords, options) });
      expect(json).toMatchObject({ model_name: name, model_version: model.contract.version });
      expect(json.outputs.map(({ shape }) => shape)).toEqual(Array.from({ length: 5 }, () => [golden.length]));
      expect(values['probability']).toEqual(golden.map(({ probability }) => expect.closeTo(probability, 6)));
      expect(values['label']).toEqual(
        golden.map(({ probability }) => (probability >= output.threshold ? output.positive : output.negative).value),
      );
    }
    const { values } = await infer({ inputs: tensors([input]) });
    const one = await readAnswer(await send(postJson('/v1/predict', input)));
    expect(values).toMatchObject({ probability: [one.probability], label: [one.label] });
  });

  it('takes the inputs of the graph as well', async () => {
    for (const isBinary of [true, false]) {
      const inputs = toGraphTensors(model.contract, goldenRecords).map((it) => ({ ...it, isBinary }));
      // In FP32, what is accepted at most may be a little more: the graph's own precision is that of its inputs.
      const { values } = await infer({ inputs });
      expect(values['probability']).toEqual(
        model.contract.golden.map(({ probability }) => expect.closeTo(probability, 6)),
      );
    }
  });

  it('of one record, as JSON, is all there is to say on request', async () => {
    const { json, values } = await infer({
      id: 'one "é"',
      inputs: tensors(),
      outputs: ['risk', 'threshold', 'prediction_id', 'probability', 'label'].map((output) => ({ name: output })),
    });
    const { risk, threshold, probability, label } = await readAnswer(await send(postJson('/v1/predict', input)));
    expect(json).toMatchObject({ id: 'one "é"', parameters: { recorded: 'queued' } });
    expect(json.outputs.map((output) => output.name)).toEqual([
      'risk',
      'threshold',
      'prediction_id',
      'probability',
      'label',
    ]);
    expect(values).toEqual({
      risk: [risk],
      threshold: [threshold],
      prediction_id: [expect.stringMatching(/^[0-9a-f-]{36}$/)],
      probability: [probability],
      label: [label],
    });
  });

  it('is answered with the binary outputs that were asked for', async () => {
    const all = await infer({ inputs: tensors(goldenRecords.slice(0, 5)) });
    const binary = await infer({
      inputs: tensors(goldenRecords.slice(0, 5)),
      parameters: { binary_data_output: true },
    });
    // Each request makes predictions of its own.
    const { prediction_id: _, ...same } = all.values;
    expect(binary.values).toMatchObject(same);
    expect(binary.json.outputs.every(({ data, parameters }) => data === undefined && parameters)).toBe(true);
    const mixed = await infer({
      inputs: tensors(goldenRecords.slice(0, 5), { isBinary: true }),
      parameters: { binary_data_output: true },
      outputs: [{ name: 'label', parameters: { binary_data: false } }, { name: 'probability' }],
    });
    expect(mixed.values).toEqual({ label: same['label'], probability: same['probability'] });
    expect(mixed.json.outputs.map(({ parameters }) => parameters !== undefined)).toEqual([false, true]);
  });

  it('says no id where none was given', async () => {
    expect((await infer({ inputs: tensors() })).json).not.toHaveProperty('id');
  });

  it('may say nothing of what it sends, as one client does', async () => {
    const { body } = encodeRequest({ inputs: tensors() });
    const request = new Request(`http://localhost${addressOf()}`, { method: 'POST', body });
    expect(request.headers.get('content-type')).toBeNull();
    expect((await readInference(await send(request))).values['probability']).toHaveLength(1);
  });

  it('is recorded as every prediction is, with the identifier', async () => {
    const more: TestTensor = {
      name: 'id_employee',
      datatype: 'INT64',
      shape: [2],
      values: [4711, 4712],
      isBinary: true,
    };
    const { values } = await infer({
      inputs: [...tensors([input, input]), more],
      outputs: [{ name: 'prediction_id' }, { name: 'probability' }],
    });
    for (const [i, id] of (values['prediction_id'] ?? []).entries()) {
      await vi.waitFor(
        async () => {
          const response = await send(get(`/v1/predictions/${id}`));
          expect(response.status).toBe(200);
          const stored = PredictionDetail.parse(await response.json());
          expect(stored).toMatchObject({
            identifier: 4711 + i,
            keyId: KEYS.all.id,
            input,
            probability: values['probability']?.[i],
            model: { name, version: model.contract.version },
          });
        },
        { timeout: 5000, interval: 100 },
      );
    }
  });

  it('says that nothing is recorded where nothing is', async () => {
    const isolate = newIsolate(WITHOUT_RECORDING);
    const { json } = await readInference(await isolate(inferRequest({ inputs: tensors() })));
    expect(json.parameters).toEqual({ recorded: 'off' });
  });

  it('is made once under an Idempotency-Key', async () => {
    const key = { 'idempotency-key': crypto.randomUUID() };
    const request = { inputs: tensors([input, input], { isBinary: true }), outputs: [{ name: 'prediction_id' }] };
    const first = await readInference(await send(inferRequest(request, addressOf(), key)));
    expect((await readInference(await send(inferRequest(request, addressOf(), key)))).values).toEqual(first.values);
    const other = { ...request, id: 'other' };
    expect(await readError(await send(inferRequest(other, addressOf(), key)), 409)).toContain('Idempotency-Key');
  });

  it('writes a line that names the version and counts the rows', async () => {
    const info = vi.spyOn(console, 'info').mockImplementation(() => undefined);
    await (await send(inferRequest({ inputs: tensors([input, input, input]) }))).text();
    await vi.waitFor(() => expect(info.mock.calls.some(([line]) => String(line).includes('"request"'))).toBe(true));
    const lines = info.mock.calls.map(([line]) => JSON.parse(String(line)));
    expect(lines.find(({ message }) => message === 'request')).toMatchObject({
      route: '/v2/models/:model/infer',
      status: 200,
      rows: 3,
      modelVersion: model.contract.version,
      problem: null,
    });
  });

  it('is of another model, with its own tensors, once that serves', async () => {
    const tiny = await readModel(TINY_MODEL);
    const isolate = newIsolate();
    await activate(tiny);
    try {
      const [example] = tiny.contract.examples;
      const inputs = toTensors(tiny.contract, [{ ...example?.input }], { isBinary: true });
      const path = `/v2/models/${tiny.contract.name}/infer`;
      const { values } = await readInference(await isolate(inferRequest({ inputs }, path)));
      expect(values['probability']).toEqual([expect.closeTo(example?.probability ?? 2, 6)]);
      await readError(await isolate(inferRequest({ inputs })), 404);
    } finally {
      await activateModel();
    }
  });
});

describe('an inference is refused, as 400 with a reason', () => {
  it.each<[string, () => TestRequest, RegExp]>([
    [
      'a datatype that does not fit',
      () => ({ inputs: changed('age', { datatype: 'BYTES', values: ['41'] }) }),
      /"age" is BYTES/,
    ],
    ['a datatype that is none', () => ({ inputs: changed('age', { datatype: 'INT128' }) }), /"INT128"/],
    ['a shape that does not fit', () => ({ inputs: changed('age', { shape: [1, 2], values: [1, 2] }) }), /\[1, 2\]/],
    ['data that does not fit its shape', () => ({ inputs: changed('age', { values: [1, 2] }) }), /has 2 elements/],
    ['an unknown input', () => ({ inputs: changed('age', { name: 'agee' }) }), /There is no input "agee"/],
    ['a missing input', () => ({ inputs: tensors().slice(1) }), /These inputs are missing: age\./],
    ['no inputs', () => ({ inputs: [] }), /inputs/],
    ['an unknown output', () => ({ inputs: tensors(), outputs: [{ name: 'x' }] }), /There is no output "x"/],
    [
      'NaN',
      () => ({ inputs: changed('revenu_mensuel', { values: [Number.NaN] }, { isBinary: true }) }),
      /"revenu_mensuel" is NaN in element 0/,
    ],
    [
      'infinity',
      () => ({ inputs: changed('revenu_mensuel', { values: [Number.POSITIVE_INFINITY] }, { isBinary: true }) }),
      /is Infinity/,
    ],
    ['an INT64 that is not exact', () => ({ inputs: changed('age', { values: [2 ** 53] }) }), /9007199254740992/],
    ['an id that is no text', () => ({ id: 7, inputs: tensors() }), /id/],
  ])('%s', async (_what, request, reason) => {
    expect(await readError(await send(inferRequest(request())), 400)).toMatch(reason);
  });

  it('a row that breaks a rule of the contract, naming row, field and rule, and predicts no other', async () => {
    const sendBatch = vi.fn();
    const isolate = newIsolate({ PREDICTIONS: { sendBatch } });
    const records = [input, { ...input, age: 3 }, input, { ...input, genre: 'X' }];
    const error = await readError(await isolate(inferRequest({ inputs: tensors(records) })), 400);
    expect(error).toMatch(/^Row 1, age \(minimum\): Must be at least 18/);
    expect(error).toMatch(/Row 3, genre \(category\): Must be one of: /);
    expect(error).not.toMatch(/Row [02]/);
    expect(sendBatch).not.toHaveBeenCalled();
  });

  it('many bad rows, naming ten', async () => {
    const records = Array.from({ length: 30 }, () => ({ ...input, genre: 'X' }));
    const error = await readError(await send(inferRequest({ inputs: tensors(records) })), 400);
    expect(error.match(/Row \d+/g)).toHaveLength(10);
    expect(error).toMatch(/And 20 more\.$/);
  });

  it.each<[string, string, RegExp]>([
    ['no JSON', '{"inputs":', /not valid JSON/],
    ['nothing', '', /empty/],
    ['NaN in JSON', '{"inputs":[{"name":"age","datatype":"FP64","shape":[1],"data":[NaN]}]}', /not valid JSON/],
    ['an array', '[]', /the body/],
  ])('%s', async (_what, body, reason) => {
    expect(await readError(await send(post(addressOf(), body)), 400)).toMatch(reason);
  });

  it('binary data that is not whole, or has a wrong header', async () => {
    const { body, headerLength } = encodeRequest({ inputs: tensors([input], { isBinary: true }) });
    const errorOf = async (bytes: Uint8Array<ArrayBuffer>, length: string | null) => {
      const request = post(addressOf(), bytes, 'application/octet-stream');
      if (length !== null) request.headers.set(HEADER, length);
      return readError(await send(request), 400);
    };
    const length = String(headerLength);
    expect(await errorOf(body.slice(0, -1), length)).toMatch(/binary data by its size, but the body has only/);
    expect(await errorOf(body.slice(0, Number(length)), length)).toMatch(/but the body has only 0 left/);
    expect(await errorOf(Uint8Array.from([...body, 1, 2]), length)).toMatch(/2 bytes of binary data more/);
    expect(await errorOf(body, String(body.byteLength + 1))).toMatch(/Inference-Header-Content-Length is/);
    expect(await errorOf(body, '-1')).toMatch(/must be a number of bytes/);
    expect(await errorOf(body, '0')).toMatch(/empty/);
    expect(await errorOf(body, '10')).toMatch(/not valid JSON/);
    expect(await errorOf(body, null)).toMatch(/not valid JSON|not UTF-8/);
  });

  it('BYTES whose length is beyond the data', async () => {
    const inputs = tensors([input], { isBinary: true });
    const { body, headerLength } = encodeRequest({ inputs: inputs.filter((it) => it.name === 'genre') });
    body.set([255, 255, 255, 255], Number(headerLength));
    const request = post(addressOf(), body, 'application/octet-stream');
    request.headers.set(HEADER, String(headerLength));
    expect(await readError(await send(request), 400)).toMatch(/"genre" has 4294967295 bytes in element 0/);
  });
});

describe('what else an inference is refused for is as in /v1, in the form of the protocol', () => {
  it('an unknown model or version', async () => {
    for (const path of [
      '/v2/models/nothing/infer',
      addressOf('99.0.0'),
      addressOf('1'),
      '/v2/models/nothing/versions/1.0.0/infer',
    ])
      expect(await readError(await send(inferRequest({ inputs: tensors() }, path)), 404)).toMatch(/There is no/);
  });

  it('an unknown address, and a method that there is not', async () => {
    for (const path of ['/v2/x', `/v2/models/${name}/config`, '/v2/models', '/v2/repository/index'])
      expect(await readError(await send(get(path)), 404)).toMatch(/^There is no GET/);
    const response = await send(get(addressOf()));
    expect(response.headers.get('allow')).toBe('POST');
    expect(await readError(response, 405)).toContain('POST');
    expect(await readError(await send(post('/v2', '{}')), 405)).toContain('GET');
  });

  it('no key, a wrong one, one that may not predict', async () => {
    const request = (headers = {}) => inferRequest({ inputs: tensors() }, addressOf(), headers);
    const missing = await send(anonymous(request()));
    expect(missing.headers.get('www-authenticate')).toContain('Bearer');
    expect(await readError(missing, 401)).toContain('API key');
    await readError(await send(request({ authorization: 'Bearer wrong' })), 401);
    expect(await readError(await send(request({ authorization: `Bearer ${KEYS.read.key}` })), 403)).toContain(
      '"predict"',
    );
    expect((await send(request({ authorization: `Bearer ${KEYS.predict.key}` }))).status).toBe(200);
    expect((await newIsolate({ PUBLIC_SCOPES: 'predict' })(anonymous(request()))).status).toBe(200);
  });

  it('too many requests', async () => {
    const isolate = newIsolate({ REQUEST_LIMIT: { limit: async () => ({ success: false }) } });
    for (const request of [
      inferRequest({ inputs: tensors() }),
      get(`/v2/models/${name}`),
      get(`/v2/models/${name}/versions/1.0.0/ready`),
    ]) {
      const response = await isolate(request);
      expect(response.headers.get('retry-after')).toBe('60');
      await readError(response, 429);
    }
    // A probe that asks every second is no caller.
    expect((await isolate(get('/v2/health/ready'))).status).toBe(200);
    expect((await isolate(get(`/v2/models/${name}/ready`))).status).toBe(200);
  });

  it('another media type', async () => {
    const { body } = encodeRequest({ inputs: tensors() });
    expect(await readError(await send(post(addressOf(), body, 'text/csv')), 415)).toContain('application/json');
  });

  it('too many rows, and a body that is too large', async () => {
    const isolate = newIsolate({ BATCH_MAX_ROWS: 3, BATCH_MAX_BYTES: 100_000 });
    const rows = (count: number) => inferRequest({ inputs: tensors(new Array(count).fill(input)) });
    expect((await isolate(rows(3))).status).toBe(200);
    expect(await readError(await isolate(rows(4)), 413)).toContain('at most 3 rows');
    const shape = [9_007_199_254_740_991];
    expect(await readError(await isolate(inferRequest({ inputs: changed('age', { shape }) })), 413)).toContain(
      '3 rows',
    );
    expect(await readError(await isolate(post(addressOf(), ' '.repeat(100_001))), 413)).toContain('100000 bytes');
  });
});

describe('a compressed body', () => {
  const encoded = async (format: 'gzip' | 'deflate', change = (bytes: Uint8Array<ArrayBuffer>) => bytes) => {
    const { body, headerLength } = encodeRequest({ inputs: tensors(goldenRecords, { isBinary: true }) });
    const request = post(addressOf(), change(await compress(body, format)), 'application/octet-stream');
    request.headers.set(HEADER, String(headerLength));
    request.headers.set('content-encoding', format);
    return request;
  };

  it.each(['gzip', 'deflate'] as const)('is understood: %s', async (format) => {
    const { values } = await readInference(await send(await encoded(format)));
    expect(values['probability']).toEqual(
      model.contract.golden.map(({ probability }) => expect.closeTo(probability, 6)),
    );
  });

  it('may be several gzip members, one after the other', async () => {
    const { body, headerLength } = encodeRequest({ inputs: tensors(goldenRecords, { isBinary: true }) });
    const parts = [body.slice(0, 1000), body.slice(1000, 1001), body.slice(1001)];
    const members = await Promise.all(parts.map((part) => compress(part, 'gzip')));
    const request = post(addressOf(), await new Blob(members).arrayBuffer(), 'application/octet-stream');
    request.headers.set(HEADER, String(headerLength));
    request.headers.set('content-encoding', 'gzip');
    const { values } = await readInference(await send(request));
    expect(values['probability']).toHaveLength(goldenRecords.length);
  });

  it('is refused where it is not whole, or not compressed', async () => {
    for (const format of ['gzip', 'deflate'] as const) {
      expect(await readError(await send(await encoded(format, (bytes) => bytes.slice(0, -20))), 400)).toContain(format);
      const plain = inferRequest({ inputs: tensors() }, addressOf(), { 'content-encoding': format });
      expect(await readError(await send(plain), 400)).toContain(format);
    }
  });

  it.each(['br', 'gzip, gzip', 'zstd'])('is refused in another encoding: %s', async (encoding) => {
    const request = inferRequest({ inputs: tensors() }, addressOf(), { 'content-encoding': encoding });
    const response = await send(request);
    expect(response.headers.get('accept-encoding')).toBe('gzip, deflate, identity');
    expect(await readError(response, 415)).toContain('Content-Encoding');
  });

  it('is refused as soon as it becomes too large', async () => {
    const maxBytes = 100_000;
    const isolate = newIsolate({ BATCH_MAX_BYTES: maxBytes });
    for (const format of ['gzip', 'deflate'] as const) {
      const ask = async (length: number) => {
        const bytes = await compress(new Uint8Array(length).fill(32), format);
        expect(bytes.byteLength).toBeLessThan(maxBytes);
        const request = post(addressOf(), bytes);
        request.headers.set('content-encoding', format);
        return isolate(request);
      };
      expect(await readError(await ask(maxBytes), 400)).toContain('not valid JSON');
      expect(await readError(await ask(maxBytes + 1), 413)).toContain('100000 bytes');
      expect(await readError(await ask(64 * 1024 * 1024), 413)).toContain('100000 bytes');
    }
  });
});

describe('another version', () => {
  const probabilitiesOf = async (version: string, to: Send = send) => {
    const request = inferRequest({ inputs: tensors(goldenRecords.slice(0, 3)) }, addressOf(version));
    const { json, values } = await readInference(await to(request));
    expect(json.model_version).toBe(version);
    return values['probability'];
  };

  it('answers by its number while another one serves', async () => {
    await storeVersion(renumber(model, '0.7.0'));
    expect(await probabilitiesOf('0.7.0')).toEqual(await probabilitiesOf(model.contract.version));
    const { json } = await infer({ inputs: tensors(), outputs: [{ name: 'prediction_id' }] });
    expect(json.model_version).toBe(model.contract.version);
    expect((await send(get(`/v2/models/${name}/versions/0.7.0/ready`))).status).toBe(200);
  });

  it('answers in its own contract: another model that is only stored', async () => {
    const tiny = await readModel(TINY_MODEL);
    await storeVersion(tiny);
    const { name: other, version, examples } = tiny.contract;
    const inputs = toTensors(tiny.contract, [{ ...examples[0]?.input }]);
    const { json, values } = await infer({ inputs }, `/v2/models/${other}/versions/${version}/infer`);
    expect(json).toMatchObject({ model_name: other, model_version: version });
    expect(values['probability']).toEqual([expect.closeTo(examples[0]?.probability ?? 2, 6)]);
    await readError(await send(inferRequest({ inputs }, `/v2/models/${other}/infer`)), 404);
  });

  it('answers although the active one cannot be loaded', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    await storeVersion(renumber(model, '0.7.1'));
    const isolate = newIsolate();
    const broken = renumber(model, '0.7.9');
    await storeVersion(broken);
    await activate(broken, { alsoServing: [{ name, version: '0.7.1' }] });
    await bucket.delete(`models/${name}/0.7.9/model.onnx`);
    try {
      expect(await probabilitiesOf('0.7.1', isolate)).toHaveLength(3);
      await readError(await isolate(inferRequest({ inputs: tensors() }, addressOf('0.7.9'))), 503);
    } finally {
      await activateModel();
    }
  });

  it('is refused unless the pointer allows it, in the same words whether it is stored or not', async () => {
    await storeVersion(renumber(model, '0.6.1'));
    const isolate = newIsolate();
    await activate(model, { alsoServing: [{ name, version: '0.7.0' }] });
    try {
      const said: string[] = [];
      for (const version of ['0.6.1', '0.6.2']) {
        const infer = await isolate(inferRequest({ inputs: tensors() }, addressOf(version)));
        const errors = [await readError(infer, 404)];
        for (const rest of ['', '/ready'])
          errors.push(await readError(await isolate(get(`/v2/models/${name}/versions/${version}${rest}`)), 404));
        said.push(errors.join('\n').replaceAll(version, 'X'));
      }
      expect(said[0]).toContain(`You may ask for 0.7.0, ${model.contract.version}.`);
      expect(said[1]).toBe(said[0]);
    } finally {
      await activateModel();
    }
  });

  it('is refused once it was withdrawn, and so is the active one', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    await storeVersion(renumber(model, '0.7.0'));
    const withdrawal = { withdrawnAt: new Date().toISOString(), withdrawnBy: 'test', reason: 'it discriminates' };
    const beside = { name, version: '0.7.0' };
    await activate(model, { alsoServing: [beside], withdrawn: [{ ...beside, ...withdrawal }] });
    try {
      const isolate = newIsolate();
      const ask = (version?: string) => isolate(inferRequest({ inputs: tensors() }, addressOf(version)));
      expect(await readError(await ask('0.7.0'), 404)).not.toMatch(/ask for .*0\.7\.0,/);
      expect((await ask()).status).toBe(200);

      const other = newIsolate();
      const { version } = model.contract;
      await activate(model, { alsoServing: [beside], withdrawn: [{ name, version, ...withdrawal }] });
      const askOther = (which?: string) => other(inferRequest({ inputs: tensors() }, addressOf(which)));
      await readError(await askOther(), 503);
      await readError(await askOther(version), 404);
      expect((await askOther('0.7.0')).status).toBe(200);
    } finally {
      await activateModel();
    }
  });

  it('is none before it is whole, and unavailable where a byte changed', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    await storeVersion(renumber(model, '0.7.2'));
    const key = (file: string) => `models/${name}/0.7.2/${file}`;
    const graph = model.graph.slice();
    graph[1000] = (graph[1000] ?? 0) ^ 1;
    await bucket.put(key('model.onnx'), graph);
    const ask = () => send(inferRequest({ inputs: tensors() }, addressOf('0.7.2')));
    const error = await readError(await ask(), 503);
    expect(error).toContain('0.7.2');
    expect(error).not.toContain('sha256');
    await bucket.delete(key('manifest.json'));
    await readError(await ask(), 404);
    await storeVersion(renumber(model, '0.7.2'));
    expect((await ask()).status).toBe(200);
  });

  it('answers rightly when more are asked for at once than are kept', async () => {
    const versions = Array.from({ length: 6 }, (_, i) => `0.8.${i}`);
    for (const version of versions) await storeVersion(renumber(model, version));
    const expected = await probabilitiesOf(model.contract.version);
    const answers = await Promise.all(
      [...versions, ...versions, ...versions].map((version) => probabilitiesOf(version)),
    );
    for (const answer of answers) expect(answer).toEqual(expected);
  });
});
