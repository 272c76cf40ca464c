import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listenOnLoopback, stopServer } from '../../scripts/lib/loopback.ts';
import { AnswerParser, Connection } from './connection.ts';

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\n\r\n\r\n0\r\n\r\n';
const SIZED = 'HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\nx: y\r\n\r\ngone';

describe('the end of an answer', () => {
  it.each([
    ['with a length', SIZED, 404],
    ['in chunks, one of which looks like an end', CHUNKED, 200],
  ])('is found %s, however it is cut', (_title, text, status) => {
    for (let cut = 1; cut < text.length; cut++) {
      const parser = new AnswerParser();
      expect(parser.push(Buffer.from(text.slice(0, cut)))).toBeNull();
      expect(parser.push(Buffer.from(text.slice(cut)))).toMatchObject({ status });
    }
  });

  it('is found again in the next answer', () => {
    const parser = new AnswerParser();
    expect(parser.push(Buffer.from(SIZED))?.body.map(String)).toEqual(['gone']);
    expect(parser.push(Buffer.from(CHUNKED))?.status).toBe(200);
  });

  it('is found where answers come a byte at a time, or two at once', () => {
    const parser = new AnswerParser();
    const whole = [...CHUNKED].map((character) => parser.push(Buffer.from(character))?.status);
    expect(whole).toEqual([...CHUNKED].map((_, i) => (i === CHUNKED.length - 1 ? 200 : undefined)));
    expect(parser.push(Buffer.from(CHUNKED + SIZED))?.status).toBe(200);
    expect(parser.push(Buffer.alloc(0))?.status).toBe(404);
  });

  it('must be announced', () => {
    expect(() => new AnswerParser().push(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'))).toThrow('without a length');
  });
});

describe('a connection', () => {
  let port = 0;
  const server = createServer((request, response) => {
    if (request.url === '/gone') request.socket.destroy();
    else response.writeHead(request.url === '/' ? 200 : 422).end('refused');
  });
  beforeEach(async () => {
    port = await listenOnLoopback(server, 0, { hosts: ['bench'] });
  });
  afterEach(() => stopServer(server));

  const get = (path: string) => Buffer.from(`GET ${path} HTTP/1.1\r\nhost: bench\r\n\r\n`);

  it('takes one request after the other', async () => {
    const connection = await Connection.open(port);
    await connection.send(get('/'));
    await connection.send(get('/'));
    connection.close();
  });

  it('fails with what a refusal says, and when the server goes away', async () => {
    const connection = await Connection.open(port);
    await expect(connection.send(get('/bad'))).rejects.toThrow(/answered 422: .*refused/s);
    await expect(connection.send(get('/gone'))).rejects.toThrow();
    connection.close();
  });
});
