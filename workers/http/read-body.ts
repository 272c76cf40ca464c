import { ProblemError } from '../errors.ts';

/**
 * How much of a body that is too large is still read, and thrown away: a client that sends all before it listens would
 * otherwise see a broken connection instead of the answer.
 */
const MAX_DISCARDED_BYTES = 16 * 1024 * 1024;

/** What the body says that it is, in lower case and without parameters; '' where it does not. */
export function mediaTypeOf(request: Request): string {
  return request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
}

/** Which Content-Encoding the body has, in lower case. */
function encodingOf(request: Request): string {
  return request.headers.get('content-encoding')?.trim().toLowerCase() || 'identity';
}

/** Throws `unsupported-media-type` if the body is compressed: read as it is, it would be called broken. */
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

/** Reads a whole body as it was sent, compressed or not. */
async function readSent(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const stated = Number(request.headers.get('content-length'));
  // A body is never longer than it says: nearly all are read in one go, which is much faster.
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
  const buffer = await request.arrayBuffer().catch((cause: unknown) => {
    throw cutOff(cause);
  });
  if (buffer.byteLength > maxBytes) throw bodyTooLarge(maxBytes);
  return new Uint8Array(buffer);
}

async function* chunksOf(request: Request): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of request.body ?? []) yield chunk;
  } catch (cause) {
    throw cutOff(cause);
  }
}

/** The caller stopped in the middle of the body, and will not see the answer; but the fault was not ours. */
function cutOff(cause: unknown): ProblemError {
  return new ProblemError('invalid-request', { detail: 'The body ended before all of it was sent.', cause });
}

const DECOMPRESSIONS = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
] as const);

/**
 * The decompressor takes whatever is written, and holds all that it becomes until it is read: up to 1,032 times as much. So
 * little is written at once, and nothing before the rest was read.
 */
const WRITE_BYTES = 16 * 1024;
/** Without a buffer, reads would be of 4 KB, and finding that there is nothing more takes about 1 ms each time. */
const READ_BYTES = 256 * 1024;

/**
 * Reads a whole body as `readBytes` does, and undoes its Content-Encoding. Neither what was sent nor what it becomes may be
 * larger than `maxBytes`.
 */
export async function readDecompressed(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const encoding = encodingOf(request);
  const known: ReadonlyMap<string, 'gzip' | 'deflate'> = DECOMPRESSIONS;
  const format = known.get(encoding);
  if (!format && encoding !== 'identity') {
    throw new ProblemError('unsupported-media-type', {
      detail: 'The Content-Encoding of a body must be gzip, deflate or identity.',
      headers: { 'accept-encoding': 'gzip, deflate, identity' },
    });
  }
  const bytes = await readSent(request, maxBytes);
  return format ? decompress(bytes, format, maxBytes) : bytes;
}

async function decompress(bytes: Uint8Array, format: 'gzip' | 'deflate', maxBytes: number) {
  const { readable, writable } = new DecompressionStream(format);
  const [writer, reader] = [writable.getWriter(), readable.getReader({ mode: 'byob' })];
  const chunks: Uint8Array[] = [];
  let length = 0;
  const read = () => {
    const chunk = reader.read(new Uint8Array(READ_BYTES));
    // It may fail before it is waited for.
    chunk.catch(() => undefined);
    return chunk;
  };
  let next = read();
  /** Reads what there is, until there is too much, or until `pause` finds nothing more. */
  const drain = async (pause?: () => Promise<null>) => {
    while (length <= maxBytes) {
      const chunk = await (pause ? Promise.race([next, pause()]) : next);
      if (!chunk || chunk.done) return;
      length += chunk.value.byteLength;
      // A copy: what was read may be far smaller than its buffer.
      chunks.push(chunk.value.slice());
      next = read();
    }
  };
  try {
    for (let at = 0; at < bytes.byteLength && length <= maxBytes; at += WRITE_BYTES) {
      await writer.write(bytes.subarray(at, at + WRITE_BYTES));
      await drain(() => scheduler.wait(0).then(() => null));
    }
    if (length <= maxBytes) await Promise.all([writer.close(), drain()]);
  } catch (cause) {
    throw new ProblemError('invalid-request', { detail: `The body is not whole ${format} data.`, cause });
  } finally {
    // What is still in the decompressor is of no use.
    reader.cancel().catch(() => undefined);
    writer.abort().catch(() => undefined);
  }
  if (length > maxBytes) throw bodyTooLarge(maxBytes);
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** What is read at a time; without a buffer it would be 4 KB, and every read has its price. */
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
      const { done, value } = await reader.read(new Uint8Array(STREAM_BYTES)).catch((cause: unknown) => {
        throw cutOff(cause);
      });
      if (done) return;
      length += value.byteLength;
      if (length > maxBytes) throw bodyTooLarge(maxBytes);
      yield value;
    }
  } finally {
    // Nobody reads what is left, nor wants to know that there is nothing.
    reader.cancel().catch(() => undefined);
  }
}

function bodyTooLarge(maxBytes: number): ProblemError {
  return new ProblemError('body-too-large', { detail: `The body must be at most ${maxBytes} bytes long.` });
}
