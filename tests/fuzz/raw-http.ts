import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';

/**
 * A request as bytes on a connection of its own. A client in between would mend a wrong length or refuse a header. `length` is
 * the Content-Length, where it differs from the body's; `chunked` sends the body as chunks.
 */
export type RawRequest = {
  method: string;
  target: string;
  headers: [name: string, value: string][];
  body: Uint8Array;
  length?: string;
  chunked?: 'whole' | 'cut';
};

export type RawAnswer = {
  /** 0 where the connection ended without an answer. */
  status: number;
  headers: Map<string, string>;
  body: Buffer;
  milliseconds: number;
};

/** What is sent ends before it should: the server may close without an answer, and the caller says that nothing follows. */
export function isCutOff({ length, chunked, body }: RawRequest): boolean {
  return chunked === 'cut' || (length !== undefined && Number(length) !== body.byteLength);
}

/** Sends a request, and resolves to the answer once the server has closed; rejects if that takes longer than `timeoutMs`. */
export function sendRaw(port: number, request: RawRequest, timeoutMs: number): Promise<RawAnswer> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const socket = connect(port, '127.0.0.1');
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no answer within ${timeoutMs} ms; received so far: ${readable(Buffer.concat(received))}`));
    }, timeoutMs);
    socket.on('data', (chunk) => received.push(chunk));
    // The server may close before it has read all.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve({ ...parseAnswer(Buffer.concat(received)), milliseconds: performance.now() - startedAt });
    });
    socket.write(toBytes(request, port));
    if (isCutOff(request)) socket.end();
  });
}

export function toBytes({ method, target, headers, body, length, chunked }: RawRequest, port: number): Buffer {
  const framing = chunked ? 'transfer-encoding: chunked' : `content-length: ${length ?? body.byteLength}`;
  const lines = [
    `${method} ${target} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    'connection: close',
    framing,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return Buffer.concat([head, chunked ? toChunks(body, chunked) : body]);
}

function toChunks(body: Uint8Array, mode: 'whole' | 'cut'): Buffer {
  const middle = body.byteLength >> 1;
  const chunk = (part: Uint8Array) =>
    part.byteLength === 0
      ? Buffer.alloc(0)
      : Buffer.concat([Buffer.from(`${part.byteLength.toString(16)}\r\n`), part, Buffer.from('\r\n')]);
  const end = Buffer.from(mode === 'whole' ? '0\r\n\r\n' : 'zz\r\n');
  return Buffer.concat([chunk(body.subarray(0, middle)), chunk(body.subarray(middle)), end]);
}

function parseAnswer(bytes: Buffer): Omit<RawAnswer, 'milliseconds'> {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return { status: 0, headers: new Map(), body: Buffer.alloc(0) };
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const rest = bytes.subarray(end + 4);
  const body = headers.get('transfer-encoding') === 'chunked' ? joinChunks(rest) : rest;
  return { status: Number(first.split(' ')[1]), headers, body };
}

function joinChunks(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.byteLength; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const length = Number.parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16);
    if (lineEnd < 0 || !(length > 0)) break;
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + length));
    at = lineEnd + 4 + length;
  }
  return Buffer.concat(parts);
}

const SHOWN_BYTES = 2000;

/** Bytes as one line that can be read. */
export function readable(bytes: Uint8Array): string {
  const shown = JSON.stringify(Buffer.from(bytes.subarray(0, SHOWN_BYTES)).toString('latin1'));
  return bytes.byteLength > SHOWN_BYTES ? `${shown} … (${bytes.byteLength} bytes)` : shown;
}
