import { ProblemError } from './errors.ts';

/**
 * How much of a body that is too large is still read, and thrown away: a client that sends all before it listens would
 * otherwise see a broken connection instead of the answer.
 */
const MAX_DISCARDED_BYTES = 16 * 1024 * 1024;

/** Reads a request's body as JSON of at most `maxBytes`, or throws the problem that says why it cannot be. */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  const mediaType = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') throw new ProblemError('unsupported-media-type');
  const bytes = await readBytes(request, maxBytes);
  if (bytes.byteLength === 0) {
    throw new ProblemError('invalid-json', { detail: 'The body is empty: send one JSON object.' });
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? cause.message : 'it is not UTF-8 text';
    throw new ProblemError('invalid-json', { detail: `The body is not valid JSON: ${reason}.`, cause });
  }
}

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength;
    if (length <= maxBytes) chunks.push(chunk);
    else if (length > MAX_DISCARDED_BYTES) break;
  }
  if (length > maxBytes) {
    throw new ProblemError('body-too-large', { detail: `The body must be at most ${maxBytes} bytes long.` });
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
