import type { IncomingHttpHeaders } from 'node:http';

export type Reply = {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
  /** Of the whole file, in bytes, if the body is (part of) a file's content. */
  size?: number;
  /** Where in the file the body starts. */
  start?: number;
};

export function json(value: unknown, { status = 200, headers = {} }: Partial<Omit<Reply, 'body'>> = {}): Reply {
  const body = Buffer.from(JSON.stringify(value));
  return { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body };
}

/** A file's content, or the part of it that the request's Range names (RFC 9110, one range; others are ignored). */
export function content(whole: Buffer, request: IncomingHttpHeaders, headers: Record<string, string>): Reply {
  const size = whole.length;
  const served = { 'accept-ranges': 'bytes', ...headers };
  const wanted = /^bytes=(\d*)-(\d*)$/.exec(request.range ?? '');
  const validator = request['if-range'];
  if (!wanted || wanted[0] === 'bytes=-' || (validator !== undefined && validator !== headers['etag'])) {
    return { status: 200, headers: served, body: whole, size, start: 0 };
  }
  const [, first = '', last = ''] = wanted;
  const start = first === '' ? Math.max(size - Number(last), 0) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start >= size || end < start) {
    return { status: 416, headers: { ...served, 'content-range': `bytes */${size}` }, body: Buffer.alloc(0) };
  }
  const range = { 'content-range': `bytes ${start}-${end}/${size}` };
  return { status: 206, headers: { ...served, ...range }, body: whole.subarray(start, end + 1), size, start };
}
