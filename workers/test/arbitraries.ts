import fc from 'fast-check';
import { type Feature, featureKind } from '../../common/contract/features/features.ts';
import type { BinaryContract } from '../../common/test/binary.ts';
import { toExtracts } from './extracts.ts';

/** Requests as clients send them, and as they should not, drawn from a contract. */

type Json = Record<string, unknown>;

/** A value that the contract accepts for a feature. */
function accepted(feature: Feature): fc.Arbitrary<unknown> {
  if (feature.type === 'category') {
    const spellings = feature.categories.flatMap(({ value, aliases }) => [value, ...aliases]);
    return fc.constantFrom(...spellings);
  }
  if (!('accepted' in feature)) return fc.constantFrom(...featureKind(feature).samples());
  const { min, max } = feature.accepted;
  return feature.type === 'integer'
    ? fc.integer({ min: Math.ceil(min), max: Math.floor(max) })
    : fc.double({ min, max, noNaN: true });
}

const strange: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(null, true, '', ' ', '1e400', 'NaN', '-0', '11 %', '0x1F', '=1+1', "'; drop table predictions; --"),
  fc.double(),
  fc.integer(),
  fc.string({ unit: 'binary' }),
  fc.jsonValue(),
);

/** A record, more or less: often all of it is right, often something is missing, strange or too much. */
function record({ features, identifier, golden }: BinaryContract): fc.Arbitrary<Json> {
  // Values drawn one by one hardly ever satisfy the rules between fields; the golden cases do.
  const right = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        ...golden.map(({ values }) => Object.fromEntries(features.map(({ name }, i) => [name, values[i]]))),
      ),
    },
    fc.record(Object.fromEntries(features.map((feature) => [feature.name, accepted(feature)]))),
  );
  const names = features.flatMap(({ name, aliases }) => [name, ...aliases]);
  const who = identifier ? [identifier.name, ...identifier.aliases] : ['id'];
  const change: fc.Arbitrary<(json: Json) => Json> = fc.oneof(
    { weight: 4, arbitrary: fc.constant((json: Json) => json) },
    fc.constantFrom(...names).map((name) => (json: Json) => omit(json, name)),
    fc.tuple(fc.constantFrom(...names), strange).map(([name, value]) => (json: Json) => ({ ...json, [name]: value })),
    fc.tuple(fc.constantFrom(...who), strange).map(([name, value]) => (json: Json) => ({ ...json, [name]: value })),
    fc.tuple(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString')), strange).map(
      ([name, value]) =>
        (json: Json) =>
          Object.fromEntries([...Object.entries(json), [name, value]]),
    ),
  );
  return fc.tuple(right, change, change).map(([json, first, second]) => second(first(json)));
}

/** What is to be explored of a record: all of it is right more often than not. */
function exploration(contract: BinaryContract): fc.Arbitrary<unknown> {
  const varied = fc.constantFrom(...contract.features).chain((feature) =>
    fc.record({
      field: fc.oneof({ weight: 9, arbitrary: fc.constant(feature.name) }, fc.string()),
      values: fc.array(fc.oneof({ weight: 9, arbitrary: accepted(feature) }, strange), { maxLength: 5 }),
    }),
  );
  return fc.record(
    { record: fc.oneof({ weight: 9, arbitrary: record(contract) }, strange), vary: varied },
    { requiredKeys: ['record'] },
  );
}

function omit(json: Json, name: string): Json {
  return Object.fromEntries(Object.entries(json).filter(([key]) => key !== name));
}

type Body = { body?: string; type?: string };

const jsonTypes = fc.oneof(
  { weight: 9, arbitrary: fc.constant('application/json') },
  fc.constantFrom('text/plain', 'application/json; charset=latin1', ''),
);

function jsonBody(value: fc.Arbitrary<unknown>): fc.Arbitrary<Body> {
  const text = fc.oneof(
    { weight: 8, arbitrary: value.map((it) => JSON.stringify(it) ?? '') },
    value.chain((it) => {
      const whole = JSON.stringify(it) ?? '';
      return fc.nat(whole.length).map((end) => whole.slice(0, end));
    }),
    fc.string({ unit: 'binary' }),
  );
  return fc.record({ body: text, type: jsonTypes });
}

function cell(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return /[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csv(contract: BinaryContract): fc.Arbitrary<string> {
  const separator = fc.constantFrom(',', ';', '\t');
  const end = fc.constantFrom('\n', '\r\n');
  const table = fc
    .tuple(fc.array(record(contract), { maxLength: 6 }), separator, end)
    .map(([records, comma, newline]) => {
      const names = Object.keys(records[0] ?? { age: 1 });
      const lines = records.map((it) => names.map((name) => cell(it[name])).join(comma));
      return [names.map(cell).join(comma), ...lines].join(newline);
    });
  // Cut, or with something put in anywhere.
  const damaged = fc
    .tuple(table, fc.nat(), fc.oneof(fc.constantFrom('"', '\n', ',', '\0', '\u{FEFF}', '"",'), fc.string()))
    .map(([text, at, extra]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + extra + text.slice(place);
    });
  return fc.oneof(table, damaged);
}

function form({ groups }: BinaryContract): fc.Arbitrary<Body> {
  const name = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...groups.map(({ id }) => id)) },
    fc.constantFrom('x', ''),
  );
  const content = fc.oneof(
    fc.constantFrom('id_employee,age\n1,41\n', 'eval_number\nE_1\n', 'code_sondage\n000001\n1\n', ''),
    fc.string({ unit: 'binary' }),
  );
  const parts = fc.array(fc.tuple(name, content), { maxLength: 4 });
  return parts.map(multipart);
}

function multipart(parts: readonly (readonly [name: string, text: string])[]): Body {
  return {
    type: 'multipart/form-data; boundary=cut-here',
    body: [
      ...parts.map(
        ([part, text]) =>
          `--cut-here\r\nContent-Disposition: form-data; name="${part}"; filename="${part}.csv"\r\n\r\n${text}\r\n`,
      ),
      '--cut-here--\r\n',
    ].join(''),
  };
}

/** The contract's example as extracts. */
function wholeForm(contract: BinaryContract): fc.Arbitrary<Body> {
  const [example] = contract.examples;
  const parts = [...toExtracts(contract, example ? [example.input] : [])];
  return fc.constant(multipart(parts));
}

function batchBody(contract: BinaryContract): fc.Arbitrary<Body> {
  const records = fc.array(fc.oneof({ weight: 5, arbitrary: record(contract) }, strange), { maxLength: 8 });
  return fc.oneof(
    jsonBody(records),
    records.map((all) => ({
      type: 'application/x-ndjson',
      body: all.map((it) => `${JSON.stringify(it) ?? ''}\n`).join(''),
    })),
    fc.string({ unit: 'binary' }).map((body) => ({ type: 'application/x-ndjson', body })),
    csv(contract).map((body) => ({ type: 'text/csv', body })),
    form(contract),
  );
}

/** `path` is the pattern that the OpenAPI document knows the address by. */
export type Call = { method: string; path: string; address: string; headers: Record<string, string>; body?: string };

type Parts = { method: string; path: string; id?: string; query?: [string, string][] } & Body;

const query = (contract: BinaryContract): fc.Arbitrary<[string, string][]> => {
  const { positive, negative, bands } = contract.output;
  const right = fc.oneof(
    fc.tuple(fc.constant('limit'), fc.integer({ min: 1, max: 200 }).map(String)),
    fc.tuple(fc.constantFrom('from', 'to'), fc.constantFrom('2026-01-01', '2026-11-23T10:00:00Z')),
    fc.tuple(fc.constant('label'), fc.constantFrom(positive.value, negative.value)),
    fc.tuple(fc.constant('risk'), fc.constantFrom(...bands.map(({ id }) => id))),
    fc.tuple(fc.constant('version'), fc.constantFrom(contract.version, '0.0.0')),
    fc.tuple(fc.constant('identifier'), fc.integer({ min: 1, max: 50 }).map(String)),
  );
  const names = fc.constantFrom('limit', 'from', 'to', 'label', 'risk', 'version', 'identifier', 'cursor', 'other');
  const wrong = fc.tuple(names, fc.oneof(strange.map(String), fc.string({ unit: 'binary' })));
  return fc.array(fc.oneof({ weight: 4, arbitrary: right }, wrong), { maxLength: 3 });
};

/** The only day on which the predictions of this run can have come true. */
const TODAY = new Date().toISOString().slice(0, 10);

const outcome = ({ output }: BinaryContract) =>
  jsonBody(
    fc.record({
      label: fc.oneof(fc.constantFrom(output.positive.value, output.negative.value), strange),
      observedOn: fc.oneof(fc.constantFrom(TODAY, '2026-02-30', '1999-01-01', '2999-01-01'), strange),
    }),
  );

/** Calls of every operation. `ids` are those of predictions that exist; `keys` those that are known, and others. */
export function call(contract: BinaryContract, ids: readonly string[], keys: readonly string[]): fc.Arbitrary<Call> {
  const post = (path: string, body: fc.Arbitrary<Body>): fc.Arbitrary<Parts> =>
    body.map((it) => ({ method: 'POST', path, ...it }));
  const id = fc.oneof(
    fc.constantFrom(...ids),
    fc.uuid(),
    fc.string({ minLength: 1, unit: 'binary' }).filter((it) => !/^\.+$/.test(it)),
  );
  const history = '/v1/predictions';
  const parts: fc.Arbitrary<Parts> = fc.oneof(
    { weight: 4, arbitrary: post('/v1/predict', jsonBody(record(contract))) },
    { weight: 4, arbitrary: post('/v1/predict/batch', batchBody(contract)) },
    post('/v1/predict/batch/json', jsonBody(fc.array(record(contract), { maxLength: 3 }))),
    post('/v1/predict/batch/form', fc.oneof(form(contract), wholeForm(contract))),
    post('/v1/validate', jsonBody(fc.oneof(record(contract), strange))),
    post('/v1/explore', jsonBody(exploration(contract))),
    query(contract).map((it) => ({ method: 'GET', path: history, query: it })),
    query(contract).map((it) => ({ method: 'GET', path: `${history}/export`, query: it })),
    query(contract).map((it) => ({ method: 'DELETE', path: history, query: it })),
    id.map((it) => ({ method: 'GET', path: `${history}/{id}`, id: it })),
    fc.uuid().map((it) => ({ method: 'DELETE', path: `${history}/{id}`, id: it })),
    fc
      .tuple(id, outcome(contract))
      .map(([it, body]) => ({ method: 'PUT', path: `${history}/{id}/outcome`, id: it, ...body })),
    fc
      .constantFrom('/v1/model', '/v1/capabilities', '/openapi.json', '/health/live', '/health/ready')
      .map((path) => ({ method: 'GET', path })),
  );
  const headers = fc.record(
    {
      authorization: fc.oneof(
        { weight: 20, arbitrary: fc.constantFrom(...keys).map((key) => `Bearer ${key}`) },
        fc.constantFrom('Bearer', 'Basic eDp5', 'Bearer fk_x_y'),
      ),
      accept: fc.constantFrom(
        '*/*',
        'application/json',
        'text/csv',
        'application/x-ndjson',
        'text/*;q=0.5',
        'image/png',
      ),
      'idempotency-key': fc.oneof(fc.uuid(), fc.constantFrom('same', 'x'.repeat(300))),
      'x-request-id': fc.constantFrom('r-1', 'not an id', 'x'.repeat(200)),
      traceparent: fc.constantFrom('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', 'nonsense'),
    },
    { requiredKeys: ['authorization'] },
  );
  return fc.tuple(parts, headers).map(([{ method, path, id: which = '', query: pairs, body, type }, more]) => {
    const search = pairs && pairs.length > 0 ? `?${new URLSearchParams(pairs)}` : '';
    return {
      method,
      path,
      address: path.replace('{id}', encodeURIComponent(which)) + search,
      headers: { ...more, ...(type !== undefined && { 'content-type': type }) },
      ...(body !== undefined && { body }),
    };
  });
}
