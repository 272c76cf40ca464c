import { mkdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { ApiKey } from '../common/api-key.ts';
import type { Contract } from '../common/contract.ts';
import { parseApiKeys } from './lib/api-keys.ts';
import { commonOptions, runCommand, step, UserError } from './lib/cli.ts';
import { readDevVars } from './lib/dev-vars.ts';
import { lockDirectory } from './lib/directory-lock.ts';
import { LOCAL_KEY_ID, provideLocalKey } from './lib/local-key.ts';
import { startWorker } from './lib/local-worker.ts';
import { assertPortFree } from './lib/loopback.ts';
import { applyMigrations } from './lib/migrations.ts';
import { readModelFolder } from './lib/model-folder.ts';
import { startNeonEndpoint } from './lib/neon-endpoint.ts';
import { withStore } from './lib/open-store.ts';
import { openEmbedded, openPostgres } from './lib/postgres-backends.ts';
import { seed } from './lib/seed.ts';

const HELP = `Starts the whole system on this machine, offline: database, model store and worker.

  npm start [-- options]

Options:
  --port N    where the API listens (default 8787)
  --data DIR  where the database and the model store live (default .local)
  --help      this text

Predictions are kept in an embedded Postgres under the data directory. Set DATABASE_URL, in the environment or in
.dev.vars, to record them in a Postgres of your own instead. The file api-key in the data directory has an API key that may do
everything here; API_KEYS, set in the same places, adds others. Ctrl-C stops everything; npm run reset empties .local.`;

const options = { port: { type: 'string', default: '8787' }, data: { type: 'string', default: '.local' } } as const;

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async (values) => {
    const port = parsePort(values.port);

    const interrupted = new Promise<void>((resolve) => {
      // Not `once`: npm forwards a signal that the terminal sent too, and the second one must not cut the clean-up short.
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
    });
    await using running = new AsyncDisposableStack();
    const stopped = start(running, port, values.data);
    await Promise.race([interrupted, stopped]);
    console.log('\nStopping …');
    await running.disposeAsync();
    // A step that was interrupted may still hold the event loop.
    process.exit();
  },
);

/** Starts the parts one after the other, each closed by `running` in reverse order. Resolves never; rejects if one fails. */
async function start(running: AsyncDisposableStack, port: number, directory: string): Promise<void> {
  await assertPortFree(port);
  const ownKeys = await readOwnKeys();
  const model = await step(
    'reading the model',
    () => readModelFolder('model'),
    ({ contract }) => describe(contract),
  );
  await mkdir(directory, { recursive: true });
  await adopt(running, await lockDirectory(directory));
  await step(
    `storing the model in the local R2 in ${directory}`,
    () => withStore('dev', { remote: false, data: directory }, (store) => seed(store, model)),
    (outcome) => outcome,
  );

  const external = process.env['DATABASE_URL'] ?? (await readDevVar('DATABASE_URL'));
  const backend = external
    ? await step('connecting to the Postgres that DATABASE_URL names', () => openPostgres(external))
    : await step(`opening the embedded Postgres in ${directory}/postgres`, () => openEmbedded(`${directory}/postgres`));
  const database = await startNeonEndpoint(backend);
  await adopt(running, () => database.close());
  await step(
    'migrating the database',
    () => applyMigrations(database.databaseUrl),
    (applied) => applied.join(', ') || 'up to date',
  );

  const localKey = await provideLocalKey(directory);
  const apiKeys = [localKey.apiKey, ...ownKeys];
  const worker = await step('starting the worker', () =>
    startWorker({ port, directory, environment: 'dev', databaseUrl: database.databaseUrl, apiKeys }),
  );
  await adopt(running, () => worker.stop());
  await step('waiting until it is ready', () => worker.ready());

  console.log(welcome(worker.url, localKey.path, model.contract));
  worker.showLog();
  throw new UserError(await worker.ended);
}

/** Has `close` run at the end. If the end came while the part was starting, closes it at once and starts nothing more. */
async function adopt(running: AsyncDisposableStack, close: () => Promise<void>): Promise<void> {
  if (!running.disposed) return running.defer(close);
  await close();
  await new Promise(() => undefined);
}

function describe({ name, version, features }: Contract): string {
  return `${name} ${version}, ${features.length} features`;
}

/** The keys that the user's API_KEYS lets in. */
async function readOwnKeys(): Promise<ApiKey[]> {
  const value = process.env['API_KEYS'] ?? (await readDevVar('API_KEYS'));
  const keys = value ? parseApiKeys(value, 'in the environment or in .dev.vars') : [];
  if (keys.some(({ id }) => id === LOCAL_KEY_ID))
    throw new UserError(`API_KEYS has a key "${LOCAL_KEY_ID}", which is the id of the key that npm start makes.`);
  return keys;
}

/** A variable of .dev.vars.dev or, where it is not in there, of .dev.vars. */
async function readDevVar(name: string): Promise<string | undefined> {
  for (const path of ['.dev.vars.dev', '.dev.vars']) {
    const value = (await readDevVars(path))?.[name];
    if (value) return value;
  }
  return undefined;
}

function parsePort(value: string): number {
  const port = Number(value);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new UserError(`--port must be from 1 to 65535, not "${value}".`);
  return port;
}

function welcome(url: string, keyPath: string, { examples }: Contract): string {
  const [example] = examples;
  return `
Ready. Everything runs on this machine; Ctrl-C stops it.

  The page   ${url}/
  Predict    POST ${url}/v1/predict, /v1/predict/batch
  Read back  GET  ${url}/v1/predictions, /v1/predictions/{id}
  Contract   GET  ${url}/v1/model
  Health     GET  ${url}/health/ready
  All of it  ${url}/docs

An API key that may do everything here, on the page too, is in ${keyPath}.
Try it (${example?.label.en}):

curl -s ${url}/v1/predict -H "authorization: Bearer $(cat ${quote(keyPath)})" -H 'content-type: application/json' -d ${quote(JSON.stringify(example?.input))}
`;
}

/** As a shell reads it back: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02 */
function quote(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
