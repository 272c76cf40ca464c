import { ProblemError } from '../errors.ts';
import { type Compression, decompress } from './decompress.ts';

/**
 * How much of a too large body is still read, and thrown away. A client that sends everything before it listens would otherwise
 * see a broken connection instead of the answer.
 */
const MAX_DISCARDED_BYTES = 16 * 1024 * 1024;

/** How long a caller may send nothing of its body. It holds a connection, and in a batch a version of the model. */
const STALLED_MS = 30_000;
/** A body that is read in one go may take a second more for so many bytes: the speed of a slow mobile connection. */
const BYTES_A_SECOND = 32 * 1024;

/** The media type of the body, in lower case and without parameters; '' without a Content-Type. */
export function mediaTypeOf(request: Request): string {
  return request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
}

/** The Content-Encoding of the body, in lower case. */
function encodingOf(request: Request): string {
  return request.headers.get('content-encoding')?.trim().toLowerCase() || 'identity';
}

/** Throws `unsupported-media-type` for a compressed body. Read as it is, it would look broken. */
function refuseEncoded(request: Request): void {
  if (encodingOf(request) === 'identity') return;
  throw new ProblemError('unsupported-media-type', {
    detail: 'The body must be sent as it is, without a Content-Encoding.',
    headers: { 'accept-encoding': 'identity' },
  });
}

/** Reads a whole body of at most `maxBytes`; throws `body-too-large`, and `unsupported-media-type` if it is compressed. */
export async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  refuseEncoded(request);
  return readSent(request, maxBytes);
}

/** Reads a whole body as sent, compressed or not. */
async function readSent(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const stated = Number(request.headers.get('content-length'));
  // A body is never longer than its Content-Length. Nearly all bodies have one, and are read in one go, which is much faster.
  if (stated > 0 && stated <= maxBytes) return readWhole(request, maxBytes);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunksOf(request)) {
    length += chunk.byteLength;
    if (length <= maxBytes) chunks.push(chunk);
    else if (length > maxBytes + MAX_DISCARDED_BYTES) break;
  }
  if (length > maxBytes) throw bodyTooLarge(maxBytes);
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

async function readWhole(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const seconds = Number(request.headers.get('content-length')) / BYTES_A_SECOND;
  const buffer = await unlessStalled(request.arrayBuffer(), STALLED_MS + 1000 * seconds);
  if (buffer.byteLength > maxBytes) throw bodyTooLarge(maxBytes);
  return new Uint8Array(buffer);
}

async function* chunksOf(request: Request): AsyncGenerator<Uint8Array> {
  const reader = request.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await unlessStalled(reader.read());
      if (done) return;
      yield value;
    }
  } finally {
    discard(reader);
  }
}

/** Nobody reads the rest, nor cares whether cancelling fails. */
function discard(reader: { cancel(): Promise<void> }): void {
  reader.cancel().catch(() => undefined);
}

/** What is read of a body, unless the caller stops in the middle, or sends nothing for too long. Throws `invalid-request`. */
async function unlessStalled<T>(reading: Promise<T>, patienceMs = STALLED_MS): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const stalled = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(stalledFor(patienceMs)), patienceMs);
  });
  try {
    return await Promise.race([reading, stalled]);
  } catch (cause) {
    throw cause instanceof ProblemError ? cause : cutOff(cause);
  } finally {
    clearTimeout(timer);
  }
}

function stalledFor(ms: number): ProblemError {
  const detail = `The body did not come within ${Math.ceil(ms / 1000)} s of waiting for it. Send the request again.`;
  return new ProblemError('invalid-request', { detail });
}

/** The caller stopped in the middle of the body. It will not see the answer, but the log must not blame this Worker. */
function cutOff(cause: unknown): ProblemError {
  return new ProblemError('invalid-request', { detail: 'The body ended before all of it was sent.', cause });
}

const DECOMPRESSIONS = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
] as const);

/** Reads a whole body, and undoes its Content-Encoding. Both the sent and the decompressed body may have `maxBytes` at most. */
export async function readDecompressed(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const encoding = encodingOf(request);
  const known: ReadonlyMap<string, Compression> = DECOMPRESSIONS;
  const format = known.get(encoding);
  if (!format && encoding !== 'identity') {
    throw new ProblemError('unsupported-media-type', {
      detail: 'The Content-Encoding of a body must be gzip, deflate or identity.',
      headers: { 'accept-encoding': 'gzip, deflate, identity' },
    });
  }
  const bytes = await readSent(request, maxBytes);
  if (!format) return bytes;
  const decompressed = await decompress(bytes, format, maxBytes).catch((cause: unknown) => {
    throw new ProblemError('invalid-request', { detail: `The body is not whole ${format} data.`, cause });
  });
  if (!decompressed) throw bodyTooLarge(maxBytes);
  return decompressed;
}

/** How much is read at a time. Without a buffer of its own, each read is 4 KB at most, and every read costs time. */
const STREAM_BYTES = 64 * 1024;

/**
 * The chunks of a body as they come; throws `body-too-large` once there are more than `maxBytes`, and
 * `unsupported-media-type` if it is compressed.
 */
export async function* streamBytes(request: Request, maxBytes: number): AsyncGenerator<Uint8Array> {
  refuseEncoded(request);
  if (Number(request.headers.get('content-length')) > maxBytes) {
    await readBytes(request, maxBytes);
  }
  const reader = request.body?.getReader({ mode: 'byob' });
  if (!reader) return;
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await unlessStalled(reader.read(new Uint8Array(STREAM_BYTES)));
      if (done) return;
      length += value.byteLength;
      if (length > maxBytes) throw bodyTooLarge(maxBytes);
      yield value;
    }
  } finally {
    discard(reader);
  }
}

function bodyTooLarge(maxBytes: number): ProblemError {
  return new ProblemError('body-too-large', { detail: `The body must be at most ${maxBytes} bytes long.` });
}
