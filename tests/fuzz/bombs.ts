import { gzipSync } from 'node:zlib';
import type { RawRequest } from './raw-http.ts';

const MIB = 1024 * 1024;
const HEADERS: RawRequest['headers'] = [['authorization', 'Bearer KEY']];
const JSON_TYPE: RawRequest['headers'][number] = ['content-type', 'application/json'];

/** As many of a unit, with commas between them, as fit into so many bytes between an opening and a closing text. */
function filled(unit: string, bytes: number, open = '[', close = ']'): Buffer {
  const count = Math.floor((bytes - open.length - close.length - 1) / (unit.length + 1));
  return Buffer.from(`${open}${`${unit},`.repeat(count)}${unit}${close}`);
}

/** Names that are all different: each has a member, and a map, of its own. */
function members(bytes: number): Buffer {
  let text = '{"a":1';
  for (let i = 0; text.length < bytes - 20; i++) text += `,"${i.toString(36)}":1`;
  return Buffer.from(`${text}}`);
}

/** JSON of a few bytes a value, which takes many times its size when it is parsed. */
const shapes: [name: string, body: (bytes: number) => Buffer][] = [
  ['empty objects', (bytes) => filled('{}', bytes)],
  ['empty objects as inputs', (bytes) => filled('{}', bytes, '{"inputs":[', ']}')],
  ['empty arrays in an unknown field', (bytes) => filled('[]', bytes, '{"zzz":[', '],"inputs":[{}]}')],
  ['objects of one member', (bytes) => filled('{"a":1}', bytes)],
  ['arrays of one number', (bytes) => filled('[1]', bytes, '{"dataframe_split":{"columns":["age"],"data":[', ']}}')],
  ['arrays within arrays', (bytes) => Buffer.alloc(bytes, '[')],
  ['objects within objects', (bytes) => Buffer.from('{"a":'.repeat(bytes / 5))],
  ['members of one object', members],
  ['numbers', (bytes) => filled('1', bytes, '{"instances":[', ']}')],
  ['numbers with decimals', (bytes) => filled('1.5', bytes)],
  ['empty texts', (bytes) => filled('""', bytes)],
  ['lines of empty objects', (bytes) => Buffer.from('{}\n'.repeat(bytes / 3))],
];

/** Every route that reads JSON, and the most bytes that it takes. */
const routes: [target: string, bytes: number][] = [
  ['/v1/predict', 64 * 1024],
  ['/v1/explore', 64 * 1024],
  ['/v1/validate', 64 * 1024],
  ['/v1/predict/batch', 8 * MIB],
  ['/invocations', 8 * MIB],
  ['/v2/models/technova-attrition/infer', 16 * MIB - 2],
];

const post = (target: string, headers: RawRequest['headers'], body: Uint8Array): RawRequest => ({
  method: 'POST',
  target,
  headers: [...HEADERS, ...headers],
  body,
});

/** Requests that are allowed by their bytes, and not by what they become. `columns` are the names of the features. */
export function* bombs(columns: readonly string[]): Generator<[name: string, request: RawRequest]> {
  for (const [target, bytes] of routes) {
    for (const [shape, body] of shapes) {
      yield [`${target} ${shape}`, post(target, [JSON_TYPE], body(bytes))];
      if (!target.startsWith('/v2/')) continue;
      yield [
        `${target} ${shape}, in gzip`,
        post(target, [JSON_TYPE, ['content-encoding', 'gzip']], gzipSync(body(bytes))),
      ];
    }
  }
  const lines = Buffer.from('{}\n'.repeat(MIB));
  yield ['/v1/predict/batch lines', post('/v1/predict/batch', [['content-type', 'application/x-ndjson']], lines)];
  const blank = Buffer.from(`${columns.join(';')}\n${`${';'.repeat(columns.length - 1)}\n`.repeat(MIB / 4)}`);
  yield ['/v1/predict/batch blank rows', post('/v1/predict/batch', [['content-type', 'text/csv']], blank)];
}
