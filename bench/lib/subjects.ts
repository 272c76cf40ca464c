import type { Contract } from '../../common/contract/contract.ts';
import { createKey } from '../../scripts/lib/deploy/api-keys.ts';
import { prepareMlserver, preparePeers, startClassic, startMlserver, startOnnx } from './peers.ts';
import type { PlatformProcess } from './platform.ts';
import type { Database } from './postgres.ts';
import { FASTAPI, mlserver, type Protocol, WORKER } from './requests.ts';
import type { SubjectId } from './results.ts';
import { buildEnvironment, buildServer } from './worker-build.ts';
import { type Server, startWorkerd } from './workerd.ts';
import { configurePlain, configureWorker, consumerOf } from './workerd-config.ts';

/** The letters for --only, and the names of the subjects in the report. */
export const SUBJECTS: Record<SubjectId, { letter: string; title: string; what: string }> = {
  hono: { letter: 'a', title: 'Hono, constant answer', what: 'a Worker that reads nothing and answers a constant' },
  worker: { letter: 'b', title: 'This Worker', what: 'the environment `model`: validates, predicts, records nothing' },
  recording: {
    letter: 'c',
    title: 'This Worker, recording',
    what: 'the environment `dev`: an API key, and every prediction through the queue into Postgres',
  },
  classic: {
    letter: 'd',
    title: 'FastAPI, pickle, SQLAlchemy',
    what: 'a pickled scikit-learn pipeline (category_encoders, XGBoost), each prediction committed to Postgres before the answer',
  },
  onnx: {
    letter: 'e',
    title: 'FastAPI, ONNX Runtime',
    what: 'the same graph in the native ONNX Runtime; records nothing',
  },
  mlserver: {
    letter: 'f',
    title: 'MLServer, ONNX Runtime',
    what: 'the same under MLServer, by the Open Inference Protocol; records nothing',
  },
};

export type Subject = {
  id: SubjectId;
  protocol: Protocol;
  server: Server;
  /** The number of predictions that it has made. */
  answered: number;
  /** Starts another one; null where its start is not measured. */
  start: (() => Promise<Server>) | null;
};

/** Builds, prepares and starts one subject; null where this machine cannot have it. `running` stops it. */
export async function startSubject(
  id: SubjectId,
  contract: Contract,
  platform: PlatformProcess,
  database: Database,
  running: AsyncDisposableStack,
): Promise<Subject> {
  const { protocol, start } = await prepare(id, contract, platform, database);
  const server = await start();
  running.defer(() => server.stop());
  return { id, protocol, server, answered: 0, start: id === 'recording' ? null : start };
}

/** The limit must admit a CSV of 10,000 rows. */
const LARGE = { BATCH_MAX_ROWS: 100_000, BATCH_MAX_BYTES: 64 * 1024 * 1024 };

async function prepare(
  id: SubjectId,
  contract: Contract,
  platform: PlatformProcess,
  database: Database,
): Promise<{ protocol: Protocol; start: () => Promise<Server> }> {
  switch (id) {
    case 'hono': {
      const config = await configurePlain(await buildServer('hono'));
      return { protocol: WORKER, start: () => startWorkerd(config) };
    }
    case 'worker': {
      const build = await buildEnvironment('model');
      const config = await configureWorker(build, 'model', { storagePort: platform.storagePort }, LARGE);
      return { protocol: WORKER, start: () => startWorkerd(config) };
    }
    case 'recording':
      return prepareRecording(platform, database);
    case 'classic': {
      const { url } = database;
      if (url === null) throw new Error('SQLAlchemy needs a Postgres that speaks its protocol, and there is none');
      await preparePeers();
      return { protocol: FASTAPI, start: () => startClassic(url) };
    }
    case 'onnx':
      await preparePeers();
      return { protocol: FASTAPI, start: startOnnx };
    case 'mlserver':
      await prepareMlserver();
      return { protocol: mlserver(contract), start: startMlserver };
  }
}

async function prepareRecording(platform: PlatformProcess, database: Database) {
  const build = await buildEnvironment('dev');
  const databaseUrl = await platform.openDatabase(database.url);
  const { key, apiKey } = createKey({ id: 'bench', scopes: ['predict'], expiresAt: null });
  const config = await configureWorker(
    build,
    'dev',
    { ...platform, databaseUrl },
    { API_KEYS: JSON.stringify([apiKey]) },
  );
  return {
    protocol: { ...WORKER, headers: { authorization: `Bearer ${key}` } },
    async start() {
      const workerd = await startWorkerd(config, { sockets: 2 });
      platform.consume({ url: `http://127.0.0.1:${workerd.ports.get('deliver')}`, ...consumerOf('dev') });
      return workerd;
    },
  };
}
