import { afterEach, describe, expect, it, vi } from 'vitest';
import { ProblemError } from '../errors.ts';
import { readBytes, readDecompressed, streamBytes } from './read-body.ts';

const LIMIT = 1000;
const MIB = 1024 * 1024;

/** A request whose body comes in chunks of `size` bytes, `count` of them; a test sees how many were asked for. */
function chunked(size: number, count: number) {
  let sent = 0;
  const source: UnderlyingByteSource = {
    type: 'bytes',
    pull(controller) {
      if (sent++ < count) {
        controller.enqueue(new Uint8Array(size));
        return;
      }
      sent = count;
      controller.close();
      controller.byobRequest?.respond(0);
    },
  };
  const body = new ReadableStream(source, { highWaterMark: 0 });
  return { request: new Request('http://localhost', { method: 'POST', body }), sent: () => sent };
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (error: unknown) => (error instanceof ProblemError ? error.code : String(error)),
  );
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let length = 0;
  for await (const chunk of chunks) length += chunk.byteLength;
  return length;
}

const gzip = async (bytes: Uint8Array<ArrayBuffer>) =>
  new Response(new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer();

describe('a body of the exact limit', () => {
  it('is read whole, in chunks or by its length', async () => {
    expect((await readBytes(chunked(100, 10).request, LIMIT)).byteLength).toBe(LIMIT);
    const known = new Request('http://localhost', { method: 'POST', body: new Uint8Array(LIMIT) });
    expect((await readBytes(known, LIMIT)).byteLength).toBe(LIMIT);
  });

  it('is streamed whole', async () => {
    expect(await collect(streamBytes(chunked(100, 10).request, LIMIT))).toBe(LIMIT);
  });

  it('is decompressed whole', async () => {
    const headers = { 'content-encoding': 'gzip' };
    const body = await gzip(new Uint8Array(LIMIT));
    const request = new Request('http://localhost', { method: 'POST', body, headers });
    expect((await readDecompressed(request, LIMIT)).byteLength).toBe(LIMIT);
  });
});

describe('a body of one byte more', () => {
  const tooLong = () => chunked(LIMIT + 1, 1).request;

  it('is refused, read or streamed or decompressed', async () => {
    expect(await codeOf(readBytes(tooLong(), LIMIT))).toBe('body-too-large');
    expect(await codeOf(collect(streamBytes(tooLong(), LIMIT)))).toBe('body-too-large');
    const headers = { 'content-encoding': 'gzip' };
    const body = await gzip(new Uint8Array(LIMIT + 1));
    const request = new Request('http://localhost', { method: 'POST', body, headers });
    expect(await codeOf(readDecompressed(request, LIMIT))).toBe('body-too-large');
  });
});

describe('a body that is too large', () => {
  it('is read to its end, and thrown away: a client may send everything before it listens', async () => {
    const { request, sent } = chunked(64 * 1024, 40);
    expect(await codeOf(readBytes(request, LIMIT))).toBe('body-too-large');
    expect(sent()).toBe(40);
  });

  it('is not read without end', async () => {
    const { request, sent } = chunked(MIB, 100);
    expect(await codeOf(readBytes(request, LIMIT))).toBe('body-too-large');
    expect(sent()).toBe(17);
  });
});

describe('a body that stalls', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A request that sends a chunk of 100 bytes after each of these pauses, and then nothing for ever. */
  function slow(pausesMs: readonly number[]): Request {
    const pauses = [...pausesMs];
    const source: UnderlyingByteSource = {
      type: 'bytes',
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, pauses.shift() ?? 1e9));
        controller.enqueue(new Uint8Array(100));
      },
    };
    return new Request('http://localhost', { method: 'POST', body: new ReadableStream(source, { highWaterMark: 0 }) });
  }
  const readers: [title: string, read: (request: Request) => Promise<unknown>][] = [
    ['read', (request) => readBytes(request, LIMIT)],
    ['streamed', (request) => collect(streamBytes(request, LIMIT))],
  ];

  it.each(readers)('for 30 s is refused, however often it went on before: %s', async (_title, read) => {
    vi.useFakeTimers();
    let settled = '';
    const reading = codeOf(read(slow([0, 29_000, 29_000]))).then((code) => {
      settled = code;
    });
    await vi.advanceTimersByTimeAsync(58_000 + 29_999);
    expect(settled).toBe('');
    await vi.advanceTimersByTimeAsync(1);
    await reading;
    expect(settled).toBe('invalid-request');
  });
});
