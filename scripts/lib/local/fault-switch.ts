import { createServer, type IncomingMessage, type Server, type ServerResponse, request as send } from 'node:http';
import { buffer, json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { Faults, SLOWNESS_MS } from '../../../workers/local/faults.ts';
import { listenOnLoopback, newToken, stopServer } from '../loopback.ts';

/** Lets faults be switched on and off while everything runs. Both addresses have the same secret. */
export type FaultSwitch = {
  /** GET reads the faults; PUT replaces them, and leaves in order what it does not name. */
  address: string;
  /** POST restarts the database. */
  restartAddress: string;
  /** The URL of a database behind a stand-in of the network that has the database's faults. */
  databaseUrl: string;
  close(): Promise<void>;
};

type Options = {
  /** Where the switch listens; 0 for any free port. */
  port: number;
  initial: Faults;
  /** The database's own URL. It may change, when the database is restarted. */
  databaseUrl: () => string;
  /** POST /restart does it. It is not called again before it has ended, and may fail. */
  restart: () => Promise<void>;
};

export async function startFaultSwitch({ port, initial, databaseUrl, restart }: Options): Promise<FaultSwitch> {
  let faults = initial;
  let restarts = Promise.resolve();
  const restartInTurn = () => {
    const restarted = restarts.then(restart);
    restarts = restarted.catch(() => undefined);
    return restarted;
  };
  const control = createServer(async (request, response) => {
    try {
      if (request.url === '/restart' && request.method === 'POST') await restartInTurn();
      else if (request.url !== '/faults') return void response.writeHead(404).end();
      else if (request.method === 'PUT') faults = Faults.parse(await json(request));
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(faults));
    } catch (error) {
      const message = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
      response.writeHead(400, { 'content-type': 'text/plain' }).end(`${message}\n`);
    }
  });
  const network = createServer((request, response) => {
    interfere(faults.database, new URL(databaseUrl()), request, response).catch(() => request.destroy());
  });
  const token = newToken();
  const [controlPort, networkPort] = await Promise.all([
    listenOnLoopback(control, port, { token }),
    listenOnLoopback(network),
  ]);
  const base = `http://127.0.0.1:${controlPort}/${token}`;
  return {
    address: `${base}/faults`,
    restartAddress: `${base}/restart`,
    databaseUrl: withPort(databaseUrl(), networkPort),
    async close() {
      await Promise.all([control, network].map((server: Server) => stopServer(server)));
      await restarts;
    },
  };
}

async function interfere(
  fault: Faults['database'],
  target: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (fault === 'down') return void request.destroy();
  const body = await buffer(request);
  if (fault === 'refusing') {
    // As Postgres refuses while it starts: https://www.postgresql.org/docs/current/errcodes-appendix.html, class 57.
    const refusal = { severity: 'FATAL', code: '57P03', message: 'the database system is starting up' };
    return void response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(refusal));
  }
  if (fault === 'slow') await sleep(SLOWNESS_MS);
  const { method, url } = request;
  const headers = { ...request.headers, host: target.host };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const forwarded = send({ host: target.hostname, port: target.port, method, path: url, headers }, resolve);
    forwarded.once('error', reject);
    forwarded.end(body);
  });
  const bytes = await buffer(answer);
  if (fault === 'cutting') return void request.destroy();
  response.writeHead(answer.statusCode ?? 500, answer.headers).end(bytes);
}

function withPort(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
}
