export type Compression = 'gzip' | 'deflate';

/**
 * The decompressor takes everything that is written, and holds its output until it is read: up to 1,032 times as much. So little
 * is written at once, and nothing before the last output was read.
 */
const WRITE_BYTES = 16 * 1024;
/** Without a buffer of its own, each read is 4 KB at most, and finding that there is nothing more takes about 1 ms. */
const READ_BYTES = 256 * 1024;

/** How each member of a gzip file begins: RFC 1952, section 2.3. There is no other method than 8. */
const [ID1, ID2, DEFLATE] = [0x1f, 0x8b, 8];
/** More places that look like the beginning of a member are not looked at: each costs a write of its own. */
const MAX_BEGINNINGS = 1000;

type Output = {
  chunks: Uint8Array[];
  length: number;
  maxBytes: number;
  /** How many beginnings of members were looked at. */
  beginnings: number;
};

/**
 * Decompresses a body. A gzip file may have several members, as pigz and `cat` write it. Returns null where there are more than
 * `maxBytes`; throws a TypeError for data that is not whole.
 */
export async function decompress(
  bytes: Uint8Array,
  format: Compression,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const output: Output = { chunks: [], length: 0, maxBytes, beginnings: 0 };
  let at = 0;
  do at += await decompressMember(bytes.subarray(at), format, output);
  while (at < bytes.byteLength && output.length <= maxBytes);
  return output.length > maxBytes ? null : new Uint8Array(await new Blob(output.chunks).arrayBuffer());
}

/** Decompresses up to the end of a member, or until there is too much output. Returns how many bytes it took. */
async function decompressMember(bytes: Uint8Array, format: Compression, output: Output): Promise<number> {
  const { readable, writable } = new DecompressionStream(format);
  const [writer, reader] = [writable.getWriter(), readable.getReader({ mode: 'byob' })];
  const before = output.length;
  const isFull = () => output.length > output.maxBytes;
  const read = () => {
    const chunk = reader.read(new Uint8Array(READ_BYTES));
    // It may fail before it is awaited.
    chunk.catch(() => undefined);
    return chunk;
  };
  let next = read();
  /** Reads the output, until there is too much, or until `pause` ends before there is more. */
  const drain = async (pause?: () => Promise<null>) => {
    while (!isFull()) {
      const chunk = await (pause ? Promise.race([next, pause()]) : next);
      if (!chunk || chunk.done) return;
      output.length += chunk.value.byteLength;
      // A copy, as the chunk may be far smaller than its buffer.
      output.chunks.push(chunk.value.slice());
      next = read();
    }
  };
  let at = 0;
  try {
    while (at < bytes.byteLength && !isFull()) {
      // The decompressor refuses what follows a member, so each member has its own.
      if (format === 'gzip' && isBoundary(bytes, at, output.length - before)) break;
      const end = endOfWrite(bytes, at, output);
      await writer.write(bytes.subarray(at, end));
      await drain(() => scheduler.wait(0).then(() => null));
      at = end;
    }
    if (!isFull()) await Promise.all([writer.close(), drain()]);
  } finally {
    // The rest of the output is of no use.
    reader.cancel().catch(() => undefined);
    writer.abort().catch(() => undefined);
  }
  return at;
}

/** Where the next write ends: before anything that looks like the beginning of a member, of which no output may be missed. */
function endOfWrite(bytes: Uint8Array, at: number, output: Output): number {
  const end = Math.min(at + WRITE_BYTES, bytes.byteLength);
  for (let i = bytes.indexOf(ID1, at + 1); i >= 0 && i < end; i = bytes.indexOf(ID1, i + 1)) {
    if (beginsMember(bytes, i) && output.beginnings++ < MAX_BEGINNINGS) return i;
  }
  return end;
}

function beginsMember(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === ID1 && bytes[at + 1] === ID2 && bytes[at + 2] === DEFLATE;
}

/** Whether a member ends here and another one begins. The last four bytes of a member are the length of its output. */
function isBoundary(bytes: Uint8Array, at: number, length: number): boolean {
  if (at < 4 || !beginsMember(bytes, at)) return false;
  return new DataView(bytes.buffer, bytes.byteOffset + at - 4, 4).getUint32(0, true) === length;
}
