import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Contract } from '../../common/contract/contract.ts';
import type { FeatureValue } from '../../common/contract/features/kind.ts';
import { mutated, nested } from './mutations.ts';
import type { RawRequest } from './raw-http.ts';

/**
 * Valid requests that a mutation then breaks, by the kind of mutation. The header `authorization: KEY` stands for a key that
 * may do everything.
 */

const KEY: [string, string] = ['authorization', 'Bearer KEY'];
const JSON_TYPE: [string, string] = ['content-type', 'application/json'];
const BOUNDARY = 'cut-here';

type Json = Record<string, FeatureValue>;

/** What the generators draw from. */
export type Material = { contract: Contract; ids: readonly string[] };

const utf8 = (text: string) => Buffer.from(text);

/** Records that the contract accepts. */
function recordsOf({ features, golden, examples }: Contract): Json[] {
  const named = golden.map(({ values }) =>
    Object.fromEntries(features.map(({ name }, i) => [name, values[i] ?? null])),
  );
  return [...examples.map(({ input }) => input), ...named.slice(0, 20)];
}

/** A record as JSON text. One value may be any JSON, however deep. */
function recordText(contract: Contract): fc.Arbitrary<string> {
  const valid = fc.constantFrom(...recordsOf(contract)).map((record) => JSON.stringify(record));
  const strange = fc
    .tuple(
      fc.constantFrom(...recordsOf(contract)),
      fc.constantFrom(...contract.features.map(({ name }) => name), '__proto__', 'id_employee', 'other'),
      fc.oneof(
        nested,
        fc.jsonValue().map((value) => JSON.stringify(value)),
        fc.constantFrom('"\\ud800"', '"\\u0000"', '1e999', '-0', '1e-400', '9007199254740993', '"E_9007199254740993"'),
        fc.string({ unit: 'binary', maxLength: 40 }).map((text) => JSON.stringify(text)),
        fc.integer({ min: 1, max: 70_000 }).map((length) => JSON.stringify('x'.repeat(length))),
      ),
    )
    .map(([record, name, value]) => {
      const others = Object.entries(record).filter(([key]) => key !== name);
      const pairs = others.map(([key, it]) => `${JSON.stringify(key)}:${JSON.stringify(it)}`);
      return `{${[...pairs, `${JSON.stringify(name)}:${value}`].join(',')}}`;
    });
  return fc.oneof({ weight: 2, arbitrary: valid }, strange);
}

const post = (target: string, type: string, body: fc.Arbitrary<Uint8Array>): fc.Arbitrary<RawRequest> =>
  body.map((bytes) => ({ method: 'POST', target, headers: [KEY, ['content-type', type]], body: bytes }));

const CRLF = '\r\n';

function json({ contract, ids }: Material): fc.Arbitrary<RawRequest> {
  const record = recordText(contract);
  const feature = fc.constantFrom(...contract.features.map(({ name }) => name));
  const exploration = fc
    .tuple(
      record,
      feature,
      fc.array(
        fc.oneof(
          nested,
          fc.jsonValue().map((value) => JSON.stringify(value)),
        ),
        { maxLength: 4 },
      ),
    )
    .map(([text, field, values]) => `{"record":${text},"vary":{"field":"${field}","values":[${values.join(',')}]}}`);
  const outcome = fc
    .tuple(
      fc.constantFrom('"leaves"', '"\\u0000"', '""', '7'),
      fc.constantFrom('"2026-11-23"', '"9999-12-31"', '"-1-1-1"'),
    )
    .map(([label, day]) => `{"label":${label},"observedOn":${day}}`);
  const body = (text: fc.Arbitrary<string>) => mutated(fc.oneof({ weight: 9, arbitrary: text }, nested).map(utf8));
  return fc.oneof(
    { weight: 3, arbitrary: post('/v1/predict', 'application/json', body(record)) },
    post('/v1/validate', 'application/json', body(record)),
    post('/v1/explore', 'application/json', body(exploration)),
    {
      weight: 2,
      arbitrary: post('/v1/predict/batch', 'application/json', body(arrayOf(record).map((it) => `[${it.join(',')}]`))),
    },
    post('/v1/predict/batch', 'application/x-ndjson', body(arrayOf(record).map((it) => `${it.join('\n')}\n`))),
    post('/invocations', 'application/json', body(scoring(contract))),
    fc.tuple(fc.constantFrom(...ids), body(outcome)).map(([id, bytes]) => ({
      method: 'PUT',
      target: `/v1/predictions/${id}/outcome`,
      headers: [KEY, JSON_TYPE],
      body: bytes,
    })),
  );
}

const arrayOf = (text: fc.Arbitrary<string>) => fc.array(text, { maxLength: 4 });

/** The forms in which MLflow's clients send a table. */
function scoring(contract: Contract): fc.Arbitrary<string> {
  const records = fc.array(fc.constantFrom(...recordsOf(contract)), { minLength: 1, maxLength: 3 });
  const names = contract.features.map(({ name }) => name);
  return fc.tuple(records, fc.constantFrom('split', 'records', 'instances', 'inputs', 'lists')).map(([rows, form]) => {
    const values = rows.map((row) => names.map((name) => row[name]));
    const body = {
      split: { dataframe_split: { columns: names, data: values } },
      records: { dataframe_records: rows },
      instances: { instances: rows },
      inputs: { inputs: Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name])])) },
      lists: { instances: values },
    }[form];
    return JSON.stringify(body);
  });
}

function cell(value: FeatureValue | undefined): string {
  const text = String(value ?? '');
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function table(rows: readonly Json[], names: readonly string[], comma: string, end: string): string {
  return [names, ...rows.map((row) => names.map((name) => row[name]))]
    .map((cells) => cells.map(cell).join(comma) + end)
    .join('');
}

function csvText(contract: Contract): fc.Arbitrary<string> {
  const rows = fc.array(fc.constantFrom(...recordsOf(contract)), { maxLength: 5 });
  const names = contract.features.map(({ name }) => name);
  return fc
    .tuple(rows, fc.constantFrom(',', ';', '\t'), fc.constantFrom('\n', CRLF, '\r'), fc.boolean())
    .map(([all, comma, end, mark]) => (mark ? '\u{FEFF}' : '') + table(all, names, comma, end));
}

function csv({ contract }: Material): fc.Arbitrary<RawRequest> {
  const body = mutated(csvText(contract).map(utf8));
  return fc.oneof(
    { weight: 2, arbitrary: post('/v1/predict/batch', 'text/csv', body) },
    post('/v1/predict/batch', 'text/csv; charset=utf-8; header=present', body),
    post('/invocations', 'text/csv', body),
  );
}

function multipart({ contract }: Material): fc.Arbitrary<RawRequest> {
  const names = contract.features.map(({ name }) => name);
  const third = Math.ceil(names.length / 3);
  const who = ['id_employee', 'eval_number', 'code_sondage'];
  // The columns may be in any extract: each has some, and all have the key.
  const extracts = fc.array(fc.constantFrom(...recordsOf(contract)), { minLength: 1, maxLength: 3 }).map((rows) =>
    contract.groups.map(({ id }, i) => ({
      name: id,
      text: table(
        rows.map((row, n) => ({ ...row, [who[i] ?? 'id']: n + 1 })),
        [who[i] ?? 'id', ...names.slice(i * third, (i + 1) * third)],
        ',',
        '\n',
      ),
    })),
  );
  const part = (name: string, text: string) =>
    `--${BOUNDARY}${CRLF}Content-Disposition: form-data; name="${name}"; filename="${name}.csv"${CRLF}${CRLF}${text}${CRLF}`;
  const form = fc.tuple(extracts, fc.constantFrom(1, 1, 1, 2, 300)).map(([parts, times]) => {
    const all = parts.map(({ name, text }) => part(name, text)).join('');
    const more = Array.from({ length: times - 1 }, (_, i) => part(`x${i}`, 'a\n1\n')).join('');
    return `${all}${more}--${BOUNDARY}--${CRLF}`;
  });
  const type = fc.constantFrom(
    `multipart/form-data; boundary=${BOUNDARY}`,
    `multipart/form-data; boundary="${BOUNDARY}"`,
    `multipart/form-data; boundary=${BOUNDARY}x`,
    `multipart/form-data; boundary=${'b'.repeat(300)}`,
    'multipart/form-data; boundary=',
    'multipart/form-data',
    `multipart/mixed; boundary=${BOUNDARY}`,
  );
  return fc
    .tuple(
      mutated(form.map(utf8)),
      fc.oneof({ weight: 9, arbitrary: fc.constant(`multipart/form-data; boundary=${BOUNDARY}`) }, type),
    )
    .map(([body, contentType]) => ({
      method: 'POST',
      target: '/v1/predict/batch',
      headers: [KEY, ['content-type', contentType]],
      body,
    }));
}

const HEADER_LENGTH = 'inference-header-content-length';

type Tensor = { header: Record<string, unknown>; bytes: Buffer };

/** A feature's column as a tensor: as JSON, or as bytes after the JSON. */
function tensor(name: string, values: readonly FeatureValue[], binary: boolean): Tensor {
  const isText = values.some((value) => typeof value === 'string');
  const datatype = isText ? 'BYTES' : 'FP64';
  const shape = [values.length, 1];
  if (!binary) return { header: { name, datatype, shape, data: values }, bytes: Buffer.alloc(0) };
  const bytes = Buffer.concat(
    values.map((value) => {
      if (!isText) {
        const number = Buffer.alloc(8);
        number.writeDoubleLE(value === null ? Number.NaN : Number(value));
        return number;
      }
      const text = utf8(value === null ? '' : String(value));
      const length = Buffer.alloc(4);
      length.writeUInt32LE(text.byteLength);
      return Buffer.concat([length, text]);
    }),
  );
  return { header: { name, datatype, shape, parameters: { binary_data_size: bytes.byteLength } }, bytes };
}

type Parts = { json: Buffer; binary: Buffer };

function inference(contract: Contract): fc.Arbitrary<Parts> {
  const rows = fc.array(fc.constantFrom(...recordsOf(contract)), { minLength: 1, maxLength: 3 });
  const wanted = fc.constantFrom(
    undefined,
    [{ name: 'probability', parameters: { binary_data: true } }],
    [{ name: 'label' }, { name: 'risk', parameters: { binary_data: true } }],
    [{ name: 'nothing' }],
  );
  return fc.tuple(rows, fc.boolean(), wanted).map(([records, binary, outputs]) => {
    const tensors = contract.features.map(({ name }) =>
      tensor(
        name,
        records.map((record) => record[name] ?? ''),
        binary,
      ),
    );
    const inputs = tensors.map(({ header }) => header);
    return {
      json: utf8(JSON.stringify({ id: 'a', inputs, ...(outputs && { outputs }) })),
      binary: Buffer.concat(tensors.map(({ bytes }) => bytes)),
    };
  });
}

const inferAddress = ({ name, version }: Contract) =>
  fc.constantFrom(`/v2/models/${name}/infer`, `/v2/models/${name}/versions/${version}/infer`);

/** Numbers in the JSON of tensors (shapes, sizes), the bytes after it, and the length of the header, each of them wrong. */
function tensors({ contract }: Material): fc.Arbitrary<RawRequest> {
  const lie = fc.oneof(
    { weight: 5, arbitrary: fc.constant<string | null>(null) },
    fc.constantFrom('0', '-1', '1', '99999999999', '1e3', '', 'x', '9'.repeat(40)),
    fc.integer({ min: 0, max: 6000 }).map(String),
  );
  const parts = inference(contract).chain((valid) =>
    fc.oneof(
      mutated(fc.constant(valid.json)).map((changed) => ({ json: changed, binary: valid.binary })),
      mutated(fc.constant(valid.binary)).map((changed) => ({ json: valid.json, binary: changed })),
      fc.constant(valid),
    ),
  );
  return fc.tuple(inferAddress(contract), parts, lie).map(([target, { json: head, binary }, length]) => ({
    method: 'POST',
    target,
    headers: [
      KEY,
      ['content-type', 'application/octet-stream'],
      ...(binary.byteLength > 0 || length !== null
        ? [[HEADER_LENGTH, length ?? String(head.byteLength)] satisfies [string, string]]
        : []),
    ],
    body: Buffer.concat([head, binary]),
  }));
}

const COMPRESSIONS = [
  { name: 'gzip', compress: (bytes: Buffer) => gzipSync(bytes) },
  { name: 'deflate', compress: (bytes: Buffer) => deflateSync(bytes) },
];

/** Compressed bodies: damaged before or after that, of another format than they say, and far larger than they look. */
function compressed({ contract }: Material): fc.Arbitrary<RawRequest> {
  const compression = fc.constantFrom(...COMPRESSIONS);
  const json = inference(contract).map((parts) => parts.json);
  const before = fc
    .tuple(mutated(json), compression)
    .map(([bytes, { name, compress }]) => ({ body: compress(bytes), name }));
  const packed = fc.tuple(json, compression).map(([bytes, { compress }]) => compress(bytes));
  const encoding = fc.constantFrom('gzip', 'gzip', 'deflate', 'x-gzip', 'br', 'gzip, gzip', 'identity', 'GZIP', '');
  const after = fc.tuple(mutated(packed), encoding).map(([body, name]) => ({ body, name }));
  const bomb = fc
    .integer({ min: 1, max: 40 })
    .map((mebibytes) => ({ body: gzipSync(Buffer.alloc(mebibytes << 20, ' '), { level: 9 }), name: 'gzip' }));
  const body = fc.oneof({ weight: 10, arbitrary: before }, { weight: 10, arbitrary: after }, bomb);
  return fc.tuple(inferAddress(contract), body, fc.boolean()).map(([target, { body: bytes, name }, chunked]) => ({
    method: 'POST',
    target,
    headers: [KEY, JSON_TYPE, ['content-encoding', name]],
    body: bytes,
    ...(chunked && { chunked: 'whole' as const }),
  }));
}

/** Latin-1, as a header may hold it, control characters but for line breaks included; and what readers of headers expect. */
const headerValue = fc.oneof(
  fc.string({
    unit: fc
      .integer({ min: 0, max: 255 })
      .filter((it) => it !== 10 && it !== 13)
      .map((it) => String.fromCharCode(it)),
  }),
  fc.constantFrom('', '*', '*/*', 'application/json', '"', ';', ',,,', 'q=1', '{"a":1}', 'text/csv;q=NaN', '../..'),
  fc.integer({ min: 100, max: 6000 }).map((length) => 'x'.repeat(length)),
);
const HEADER_NAMES = [
  'idempotency-key',
  'accept',
  'content-type',
  'content-encoding',
  'origin',
  'authorization',
  'x-api-key',
  'x-request-id',
  'traceparent',
  'cookie',
  'if-none-match',
  'if-modified-since',
  'range',
  'expect',
  'forwarded',
  'x-forwarded-for',
  'cf-connecting-ip',
  'accept-encoding',
  'access-control-request-method',
  'access-control-request-headers',
  'user-agent',
  HEADER_LENGTH,
];
const LIKELY: [string, string][] = [
  ['accept', 'text/csv'],
  ['accept', 'application/x-ndjson, text/csv;q=0.5'],
  ['accept', 'image/png'],
  ['origin', 'https://evil.example'],
  ['origin', 'null'],
  ['idempotency-key', 'same'],
  ['x-request-id', 'r\u0000\u001b[31m{"level":"error"}'],
  ['traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
  ['content-type', 'application/json; charset=utf-16'],
  ['cookie', 'session=1; __proto__=2'],
];

function headers({ contract, ids }: Material): fc.Arbitrary<RawRequest> {
  const record = utf8(JSON.stringify(recordsOf(contract)[0]));
  const valid = fc.constantFrom<RawRequest>(
    { method: 'POST', target: '/v1/predict', headers: [KEY, ['content-type', 'application/json']], body: record },
    {
      method: 'POST',
      target: '/v1/predict/batch',
      headers: [KEY, ['content-type', 'application/x-ndjson']],
      body: record,
    },
    { method: 'GET', target: '/v1/predictions', headers: [KEY], body: utf8('') },
    { method: 'GET', target: `/v1/predictions/${ids[0]}`, headers: [KEY], body: utf8('') },
    { method: 'GET', target: '/openapi.json', headers: [], body: utf8('') },
    { method: 'GET', target: '/v1/capabilities', headers: [], body: utf8('') },
    { method: 'OPTIONS', target: '/v1/predict', headers: [], body: utf8('') },
    { method: 'GET', target: `/v2/models/${contract.name}`, headers: [], body: utf8('') },
  );
  const one = fc.oneof(
    fc.constantFrom(...LIKELY),
    fc.tuple(fc.constantFrom(...HEADER_NAMES), headerValue).map(([name, value]): [string, string] => [name, value]),
  );
  return fc
    .tuple(valid, fc.array(one, { minLength: 1, maxLength: 4 }))
    .map(([request, more]) => ({ ...request, headers: [...request.headers, ...more] }));
}

/** Addresses of everything, with parameters and parts of paths that are wrong. */
function addresses({ contract, ids }: Material): fc.Arbitrary<RawRequest> {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }).map(toQuery),
    fc.constantFrom(
      '%',
      '%00',
      '%ff',
      '%ed%a0%80',
      '..%2f..',
      '1e400',
      '9007199254740993',
      '-1',
      '0',
      '2026-02-30',
      '+',
      '',
    ),
    fc.constantFrom('2026-01-01', '1.0.0', 'leaves', 'high', '7', 'x'.repeat(4000)),
    fc.constantFrom(...ids),
  );
  const name = fc.constantFrom(
    'limit',
    'cursor',
    'from',
    'to',
    'version',
    'label',
    'risk',
    'identifier',
    '__proto__',
    'x',
  );
  const query = fc
    .array(fc.tuple(name, text), { maxLength: 4 })
    .map((pairs) => pairs.map(([key, value]) => `${key}=${value}`).join('&'));
  const path = fc.oneof(
    fc.constantFrom(
      '/v1/predictions',
      '/v1/predictions/export',
      '/v1/model',
      '/health/ready',
      '/health/live',
      '/openapi.json',
    ),
    fc.constantFrom('/v2', '/v2/', '/v2/health/ready', '/ping', '/version', '/docs', '//', '/v1', '/v1/%2e%2e/x'),
    text.map((it) => `/v1/predictions/${it}`),
    text.map((it) => `/v1/predictions/${it}/outcome`),
    text.map((it) => `/v2/models/${it}`),
    text.map((it) => `/v2/models/${contract.name}/versions/${it}/ready`),
    text.map((it) => `/${it}`),
  );
  const method = fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'DELETE', 'OPTIONS', 'PATCH', 'PUT', 'POST');
  return fc.tuple(method, path, query).map(([verb, target, search]) => ({
    method: verb,
    target: search ? `${target}?${search}` : target,
    headers: [KEY],
    body: utf8(''),
  }));
}

/** In percent-encoding but for what a request line can hold, so that it reaches the Worker. */
function toQuery(text: string): string {
  return text.replace(/[^!$'()*,\-./0-9:;@A-Z_a-z~]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}

/** A body that is shorter or longer than it says, or chunks that end in the middle. */
function framing(material: Material): fc.Arbitrary<RawRequest> {
  const lie = fc.oneof(
    fc.constantFrom<Partial<RawRequest>>({ chunked: 'cut' }, { chunked: 'whole' }, { length: '0' }),
    fc.integer({ min: 1, max: 5000 }).map((length): Partial<RawRequest> => ({ length: String(length) })),
    fc.constantFrom<Partial<RawRequest>>({ length: '-1' }, { length: '99999999999' }, { length: '1e3' }),
  );
  const any = fc.oneof(json(material), csv(material), multipart(material), tensors(material));
  return fc.tuple(any, lie).map(([request, change]) => ({ ...request, ...change }));
}

/** How many requests of each family, in proportion. */
export const FAMILIES: [name: string, weight: number, requests: (material: Material) => fc.Arbitrary<RawRequest>][] = [
  ['json', 6, json],
  ['csv', 3, csv],
  ['multipart', 3, multipart],
  ['tensors', 5, tensors],
  ['compressed', 2, compressed],
  ['headers', 5, headers],
  ['addresses', 4, addresses],
  ['framing', 3, framing],
];
