import { concat } from '../../common/bytes.ts';
import { HEADER_LENGTH } from './protocol.ts';
import { type Tensor, toBinary } from './tensors.ts';

/** A request to a server. `key`: which API key goes with it; the caller's own, unless said otherwise. */
export type Call = {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: Uint8Array<ArrayBuffer>;
  key?: 'none' | 'wrong';
};

export type Answer = { status: number; headers: Headers; body: Uint8Array };

export type Send = (call: Call) => Promise<Answer>;

/** How long a server may take to answer. */
const TIMEOUT_MS = 30_000;

/** A way to send to the server at `url`, as a Bearer `apiKey` where there is one. */
export function sendTo(url: string, apiKey: string | null): Send {
  const base = url.replace(/\/+$/, '');
  return async ({ method = 'GET', path, headers = {}, body, key }) => {
    const credential = key === 'none' ? null : key === 'wrong' ? 'wrong' : apiKey;
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { ...(credential !== null && { authorization: `Bearer ${credential}` }), ...headers },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body && { body }),
    });
    return { status: response.status, headers: response.headers, body: new Uint8Array(await response.arrayBuffer()) };
  };
}

export function toJson({ body }: Answer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

const encode = (text: string) => new TextEncoder().encode(text);
export const encodeJson = (value: unknown) => encode(JSON.stringify(value));

/** An input of a request, its data in JSON. */
export type JsonInput = { name: string; datatype: string; shape: unknown; data?: unknown; parameters?: object };

/** POST of a body that says that it is JSON. */
export function post(path: string, body: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Call {
  return { method: 'POST', path, body, headers: { 'content-type': 'application/json', ...headers } };
}

/** An input whose data follows the JSON object: what the object says of it, and the bytes. */
export type BinaryInput = { input: JsonInput; bytes: Uint8Array };

export function asBinary(tensor: Tensor, bytes: Uint8Array = toBinary(tensor)): BinaryInput {
  const { name, datatype, shape } = tensor;
  return { input: { name, datatype, shape, parameters: { binary_data_size: bytes.byteLength } }, bytes };
}

/** A request with binary data. `headerLength`: what the header says, where that is not the truth; null for no header. */
export function postBinary(
  path: string,
  request: object,
  parts: readonly Uint8Array[],
  { headerLength, headers = {} }: { headerLength?: string | null; headers?: Record<string, string> } = {},
): Call {
  const json = encodeJson(request);
  const said = headerLength === undefined ? String(json.byteLength) : headerLength;
  return {
    method: 'POST',
    path,
    body: concat([json, ...parts]),
    headers: {
      'content-type': 'application/octet-stream',
      ...(said !== null && { [HEADER_LENGTH]: said }),
      ...headers,
    },
  };
}
