import { createServer } from 'node:http';
import { extname } from 'node:path';
import { listenOnLoopback, stopServer } from '../../scripts/lib/loopback.ts';
import type { ModelFolder } from '../../scripts/lib/model/model-folder.ts';
import { buildSpace } from '../../scripts/lib/model/space.ts';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** Builds the Space, and serves it as it is: its files, and nothing behind them. */
export async function serveSpace(model: ModelFolder): Promise<{ url: string; close(): Promise<void> }> {
  const files = new Map((await buildSpace(model, undefined)).map(({ path, bytes }) => [path, bytes]));
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname.slice(1) || 'index.html';
    const bytes = files.get(path);
    response.writeHead(bytes ? 200 : 404, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' });
    response.end(bytes);
  });
  const url = `http://127.0.0.1:${await listenOnLoopback(server)}/`;
  return { url, close: () => stopServer(server) };
}
