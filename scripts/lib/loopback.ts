import { Server as HttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { UserError } from './cli.ts';

/** Listens on 127.0.0.1 only, by default on a free port. Resolves to the port. */
export async function listenOnLoopback(server: Server, port = 0): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
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
