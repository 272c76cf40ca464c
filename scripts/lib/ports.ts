import { createServer } from 'node:net';
import { UserError } from './cli.ts';

/** Rejects with advice where another program listens on the loopback port. */
export async function assertPortFree(port: number): Promise<void> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
  } catch (error) {
    const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    throw new UserError(
      inUse
        ? `Port ${port} is in use. Stop the program that listens there, or choose another: npm start -- --port N`
        : `Port ${port} cannot be listened on (${error}). Choose another: npm start -- --port N`,
    );
  }
  await new Promise((resolve) => server.close(resolve));
}
