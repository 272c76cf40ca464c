import { execFile, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { preparePython } from '../../scripts/lib/python-environment.ts';
import { freePort } from './postgres.ts';
import { listening, own, stop } from './processes.ts';
import { BUILDS } from './worker-build.ts';
import type { Server } from './workerd.ts';

const PEERS = 'bench/peers';
const MLSERVER = join(PEERS, 'mlserver');
const PIPELINE = join(BUILDS, 'pipeline.joblib');

/** One process and one thread of numerical code each, as beside one isolate. */
const ONE_THREAD = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };

export async function preparePeers(): Promise<void> {
  await preparePython(PEERS);
  await mkdir(BUILDS, { recursive: true });
  await promisify(execFile)(python(PEERS), [join(PEERS, 'pipeline.py'), PIPELINE]);
}

export const prepareMlserver = () => preparePython(MLSERVER);

/** FastAPI, the pickled pipeline and SQLAlchemy, on a Postgres. */
export function startClassic(databaseUrl: string): Promise<Server> {
  const url = new URL(databaseUrl);
  url.protocol = 'postgresql+psycopg:';
  return startUvicorn('serve_classic:app', { BENCH_CLASSIC_URL: url.href, BENCH_PIPELINE: PIPELINE });
}

/** FastAPI and the native ONNX Runtime. */
export const startOnnx = () => startUvicorn('serve_onnx:app', {});

export async function startMlserver(): Promise<Server> {
  const [port, grpcPort] = [await freePort(), await freePort()];
  return start(port, join(MLSERVER, '.venv/bin/mlserver'), ['start', MLSERVER], {
    MLSERVER_HTTP_PORT: String(port),
    MLSERVER_GRPC_PORT: String(grpcPort),
  });
}

async function startUvicorn(application: string, variables: Record<string, string>): Promise<Server> {
  const port = await freePort();
  const network = ['--host', '127.0.0.1', '--port', String(port), '--loop', 'uvloop', '--http', 'httptools'];
  const quiet = ['--no-access-log', '--log-level', 'warning'];
  return start(
    port,
    python(PEERS),
    ['-m', 'uvicorn', application, '--app-dir', PEERS, '--workers', '1', ...network, ...quiet],
    variables,
  );
}

async function start(
  port: number,
  command: string,
  parameters: string[],
  variables: Record<string, string>,
): Promise<Server> {
  const startedAt = performance.now();
  const child = own(
    spawn(command, parameters, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...ONE_THREAD, ...variables },
    }),
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000);
  });
  try {
    await listening(child, port);
  } catch (error) {
    await stop(child);
    throw new Error(`${command} ${parameters.join(' ')} did not start: ${said}`, { cause: error });
  }
  if (child.pid === undefined) throw new Error(`${command} has no process`);
  return { port, pid: child.pid, listeningMs: performance.now() - startedAt, stop: () => stop(child) };
}

function python(folder: string): string {
  return join(folder, '.venv/bin/python');
}
