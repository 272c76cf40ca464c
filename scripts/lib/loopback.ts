import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Server as HttpServer, type IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:net';
import { UserError } from './cli.ts';

type Guard = {
  /** A secret that every path begins with, for those to whom it is told. The server's listener gets the rest of the path. */
  token?: string | undefined;
  /** What a client may send as Host in place of the server's own address. */
  hosts?: readonly string[] | undefined;
};

/**
 * Listens on 127.0.0.1 only, by default on a free port. Resolves to the port. An HTTP server answers only requests to its own
 * address, and no page of another origin: see `refusalOf`.
 */
export async function listenOnLoopback(server: Server, port = 0, guard: Guard = {}): Promise<number> {
  if (server instanceof HttpServer) putGuardBefore(server, guard);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return portOf(server);
}

/** A secret for one run: 256 random bits, as a path and a password can have them. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Whether a text is the secret. Takes as long for a wrong one. */
export function isSecret(text: string, secret: string): boolean {
  const digest = (of: string) => createHash('sha256').update(of).digest();
  return timingSafeEqual(digest(text), digest(secret));
}

function putGuardBefore(server: HttpServer, guard: Guard): void {
  const listeners = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response) => {
    const refusal = refusalOf(request, portOf(server), guard);
    if (refusal) {
      const [status, message] = refusal;
      response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' }).end(`${message}\n`);
      return;
    }
    if (guard.token !== undefined) request.url = request.url?.slice(guard.token.length + 1) || '/';
    for (const listener of listeners) Reflect.apply(listener, server, [request, response]);
  });
}

/**
 * Any page in a browser can send requests to loopback. Its Origin gives it away; where it hides behind a name of its own that
 * resolves to 127.0.0.1 (DNS rebinding), Host has that name. Other users' programs know no token.
 */
function refusalOf({ headers, url = '' }: IncomingMessage, port: number, guard: Guard): [number, string] | null {
  const { host = '', origin } = headers;
  const own = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (![...own, ...(guard.hosts ?? [])].includes(host)) return [403, `Host must be ${own.join(' or ')}.`];
  if (origin !== undefined && !own.some((it) => origin === `http://${it}`))
    return [403, 'Origin must be that of this server, or absent.'];
  const [, token = ''] = url.split('/', 2);
  if (guard.token !== undefined && !isSecret(token, guard.token)) return [404, 'The path must begin with the token.'];
  return null;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port');
  return address.port;
}

/** Stops listening, and ends the connections that are open. */
export async function stopServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  if (server instanceof HttpServer) server.closeAllConnections();
  await closed;
}

/** Rejects with advice where another program listens on the loopback port. */
export async function assertPortFree(port: number): Promise<void> {
  const server = createServer();
  try {
    await listenOnLoopback(server, port);
  } catch (error) {
    const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    throw new UserError(
      inUse
        ? `Port ${port} is in use. Stop the program that listens there, or choose another: npm start -- --port N`
        : `Port ${port} cannot be listened on (${error}). Choose another: npm start -- --port N`,
    );
  }
  await stopServer(server);
}
