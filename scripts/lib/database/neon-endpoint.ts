import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { isSecret, listenOnLoopback, newToken, stopServer } from '../loopback.ts';

/** A result with every value as Postgres' own text, as Neon answers in raw-text and array mode. */
export type RawResult = {
  command?: string | undefined;
  rowCount: number | null;
  fields: { name: string; dataTypeID: number }[];
  rows: (string | null)[][];
};
export type RunQuery = (query: string, params: unknown[]) => Promise<RawResult>;

/** The Postgres behind the endpoint. */
export type Backend = {
  query: RunQuery;
  /** Runs `work` in one transaction, with these modes of SET TRANSACTION (or none); rolls back if it rejects. */
  transaction<T>(modes: string, work: (run: RunQuery) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

export type NeonEndpoint = {
  /** For the Neon driver. Its password lets in: whoever has it is the superuser of the database. */
  databaseUrl: string;
  /** Stops listening, then closes the backend. */
  close(): Promise<void>;
};

/** The fields of a Postgres error that the driver reads. */
const ERROR_FIELDS = [
  'severity',
  'code',
  'detail',
  'hint',
  'position',
  'internalPosition',
  'internalQuery',
  'where',
  'schema',
  'table',
  'column',
  'dataType',
  'constraint',
  'file',
  'line',
  'routine',
] as const;

const ISOLATION_LEVELS: Record<string, string> = {
  ReadUncommitted: 'READ UNCOMMITTED',
  ReadCommitted: 'READ COMMITTED',
  RepeatableRead: 'REPEATABLE READ',
  Serializable: 'SERIALIZABLE',
};

/** Longer than any pause between two queries of a run. */
const KEEP_ALIVE_MS = 30 * 60_000;

class BadRequest extends Error {}

/** In Postgres' own words and class 28: https://www.postgresql.org/docs/current/errcodes-appendix.html */
class WrongPassword extends Error {
  readonly severity = 'FATAL';
  readonly code = '28P01';
  override readonly message = 'password authentication failed: use the URL that this endpoint was started with';
}

/**
 * Serves the HTTP protocol of Neon's serverless driver (POST /sql, single statements and batch transactions) on loopback, in
 * front of any Postgres. So the same driver and the same queries run without Neon. The password is a new one by default.
 */
export async function startNeonEndpoint(
  backend: Backend,
  { password = newToken() }: { password?: string } = {},
): Promise<NeonEndpoint> {
  const server = createServer((request, response) => {
    answer(backend, password, request).then(
      (body) => send(response, 200, body),
      (error: unknown) => send(response, ...toFailure(error)),
    );
  });
  // A driver that takes up a connection at the moment when it is closed as idle would see the database fail.
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const port = await listenOnLoopback(server);
  return {
    databaseUrl: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    async close() {
      await stopServer(server);
      await backend.close();
    },
  };
}

async function answer(backend: Backend, password: string, request: IncomingMessage): Promise<unknown> {
  const { headers, method, url } = request;
  if (method !== 'POST' || url !== '/sql') throw new BadRequest(`${method} ${url} is not part of the protocol`);
  if (!isSecret(passwordOf(headers), password)) throw new WrongPassword();
  if (headers['neon-raw-text-output'] !== 'true' || headers['neon-array-mode'] !== 'true') {
    throw new BadRequest('only raw text output in array mode is served');
  }
  const body = JSON.parse(await text(request));
  const run = async (execute: RunQuery, { query, params = [] }: { query: string; params?: unknown[] }) =>
    toWire(await execute(query, params));
  if (!Array.isArray(body.queries)) return run(backend.query, body);
  return backend.transaction(transactionModes(headers), async (execute) => {
    const results: unknown[] = [];
    for (const query of body.queries) results.push(await run(execute, query));
    return { results };
  });
}

function passwordOf({ 'neon-connection-string': url }: IncomingMessage['headers']): string {
  if (typeof url !== 'string') throw new BadRequest('the header Neon-Connection-String is missing');
  if (!URL.canParse(url)) throw new BadRequest('the header Neon-Connection-String is not a connection string');
  return new URL(url).password;
}

function transactionModes(headers: IncomingMessage['headers']): string {
  const level = ISOLATION_LEVELS[String(headers['neon-batch-isolation-level'])];
  return [
    level && `ISOLATION LEVEL ${level}`,
    headers['neon-batch-read-only'] === 'true' && 'READ ONLY',
    headers['neon-batch-deferrable'] === 'true' && 'DEFERRABLE',
  ]
    .filter(Boolean)
    .join(', ');
}

function toWire({ command = '', rowCount, fields, rows }: RawResult) {
  const described = fields.map(({ name, dataTypeID }) => ({
    name,
    dataTypeID,
    tableID: 0,
    columnID: 0,
    dataTypeSize: -1,
    dataTypeModifier: -1,
    format: 'text',
  }));
  return { command, rowCount, rowAsArray: true, fields: described, rows };
}

/** Postgres' own refusals are a 400 with its error fields; anything else is the endpoint's failure. */
function toFailure(error: unknown): [status: number, body: Record<string, unknown>] {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof BadRequest) return [400, { message }];
  if (error instanceof Error && 'code' in error && 'severity' in error) {
    const fields = new Map<string, unknown>(Object.entries(error));
    return [400, { message, ...Object.fromEntries(ERROR_FIELDS.map((name) => [name, fields.get(name) ?? null])) }];
  }
  return [500, { message }];
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
