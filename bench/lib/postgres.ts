import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chown, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { listenOnLoopback } from '../../scripts/lib/loopback.ts';
import { listening, own } from './processes.ts';

/** A database of its own for a benchmark; `url` is null where it is embedded, and only the Neon endpoint reaches it. */
export type Database = { url: string | null; description: string };

const DEBIAN = '/usr/lib/postgresql';
/** Postgres refuses to run as root, and then runs as the user that its package makes, or as the one that every system has. */
const USERS = ['postgres', 'nobody'];

/**
 * Opens a new, empty database: in the Postgres that BENCH_DATABASE_URL or TEST_DATABASE_URL names, else in a new cluster of
 * the installed Postgres with its own defaults, else embedded. `running` removes it.
 */
export async function provideDatabase(running: AsyncDisposableStack): Promise<Database> {
  const given = process.env['BENCH_DATABASE_URL'] ?? process.env['TEST_DATABASE_URL'];
  if (given) return createDatabase(given, running, 'the Postgres that the environment names');
  const binaries = await installedBinaries();
  if (!binaries) return { url: null, description: 'embedded Postgres (PGlite): no installed Postgres was found' };
  return createDatabase(await startCluster(binaries, running), running, 'a Postgres made for the run, its defaults');
}

async function createDatabase(server: string, running: AsyncDisposableStack, origin: string): Promise<Database> {
  const name = `bench_${randomBytes(4).toString('hex')}`;
  const execute = async (sql: string) => {
    const client = new pg.Client({ connectionString: server });
    await client.connect();
    try {
      return await client.query<{ server_version: string }>(sql);
    } finally {
      await client.end();
    }
  };
  await execute(`create database ${name}`);
  running.defer(async () => {
    await execute(`drop database ${name} with (force)`);
  });
  const version = (await execute('show server_version')).rows[0]?.server_version.split(' ')[0];
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, description: `PostgreSQL ${version}, ${origin}` };
}

/** The folder of the newest Postgres that is installed here; null without one. */
export async function installedBinaries(): Promise<string | null> {
  const versions = await readdir(DEBIAN).catch(() => []);
  const newest = versions.toSorted((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? null : join(DEBIAN, newest, 'bin');
}

async function startCluster(binaries: string, running: AsyncDisposableStack): Promise<string> {
  const user = await unprivilegedUser();
  const directory = await mkdtemp(join(tmpdir(), 'bench-postgres-'));
  running.defer(() => rm(directory, { recursive: true, force: true }));
  if (user) await chown(directory, user.uid, user.gid);
  const initdb = ['-D', directory, '-U', 'bench', '--auth=trust', '--encoding=UTF8', '--locale=C'];
  await promisify(execFile)(join(binaries, 'initdb'), initdb, { ...user, cwd: directory });
  const port = await freePort();
  const child = own(
    spawn(
      join(binaries, 'postgres'),
      ['-D', directory, '-h', '127.0.0.1', '-p', String(port), '-k', '', '-c', 'logging_collector=off'],
      { ...user, cwd: directory, stdio: 'ignore' },
    ),
  );
  running.defer(() => stopAtOnce(child));
  await listening(child, port);
  const url = `postgres://bench@127.0.0.1:${port}/postgres`;
  await accepting(url);
  return url;
}

/** Postgres' "fast" shutdown: SIGTERM would wait for every client. */
async function stopAtOnce(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGINT');
  await exited;
}

/** Postgres listens a little before it takes queries. */
async function accepting(url: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (attempt === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function unprivilegedUser(): Promise<{ uid: number; gid: number } | null> {
  if (process.getuid?.() !== 0) return null;
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of USERS) {
    const entry = lines.find((line) => line[0] === name);
    if (entry) return { uid: Number(entry[2]), gid: Number(entry[3]) };
  }
  throw new Error('Postgres cannot run as root, and there is no user postgres or nobody.');
}

export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenOnLoopback(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
