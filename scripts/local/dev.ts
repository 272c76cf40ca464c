import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import type { ApiKey } from '../../common/api/api-key.ts';
import type { Contract } from '../../common/contract/contract.ts';
import { Faults } from '../../workers/local/faults.ts';
import { commonOptions, runCommand, step, UserError } from '../lib/cli.ts';
import { applyMigrations } from '../lib/database/migrations.ts';
import { type NeonEndpoint, startNeonEndpoint } from '../lib/database/neon-endpoint.ts';
import { openEmbedded, openPostgres } from '../lib/database/postgres-backends.ts';
import { parseApiKeys } from '../lib/deploy/api-keys.ts';
import { readDevVar } from '../lib/dev-vars.ts';
import { lockDirectory } from '../lib/directory-lock.ts';
import {
  DATA_DIRECTORY,
  dataDirectoryOf,
  keepPrivate,
  makePrivate,
  prodDirectoryOf,
} from '../lib/local/data-directory.ts';
import { startFaultSwitch } from '../lib/local/fault-switch.ts';
import { LOCAL_KEY_ID, provideLocalKey } from '../lib/local/local-key.ts';
import { startWorker } from '../lib/local/local-worker.ts';
import { type QueueJournal, startQueueJournal } from '../lib/local/queue-journal.ts';
import { seed } from '../lib/local/seed.ts';
import {
  describeUndelivered,
  keepUndelivered,
  readUndelivered,
  turnIntoDeadLetters,
} from '../lib/local/undelivered-messages.ts';
import { assertPortFree, newToken } from '../lib/loopback.ts';
import { readPointer } from '../lib/model/active-version.ts';
import { type ModelFolder, readModelFolder } from '../lib/model/model-folder.ts';
import { withStore } from '../lib/model/open-store.ts';
import { checkSignature, signingKeysOf, signModel } from '../lib/model/signing.ts';
import { buildRuntime } from '../lib/onnx-runtime.ts';
import { formatBytes } from '../lib/text.ts';

const HELP = `Starts the whole system on this machine, offline: database, model store and worker.

  npm start [-- options]

Options:
  --env ENV      dev (default) or prod: an environment of its own beside a running dev, with the same model store
  --port N       where the API listens (default 8787; prod: 8788)
  --model DIR    serves the model folder DIR instead of model/: model.onnx, contract.json, README.md (try npm run verify-model first)
  --data DIR     where the database and the model store live (default .local; with --model, .local/models/NAME, where NAME is the
                 contract's: predictions of two models never mix)
  --faults JSON  lets you break parts on purpose, and begins with these: {} for none yet (see docs/operations.md)
  --inspect      opens the Worker's inspector, for a debugger; any web page and any user of the machine can then use it
  --help         this text

An embedded Postgres under the data directory keeps the predictions. DATABASE_URL, in the environment or in .dev.vars, names a
Postgres of your own instead, for the predictions of every model; npm start migrates it. It does not read .dev.vars.dev, which belongs to the deployed environment.
With --env prod, the database, the key and the log are in the folder prod of the data directory, and no DATABASE_URL is read. No
model serves there until one is promoted.
The file api-key in the data directory has an API key that may do everything here. API_KEYS, set in the same places, adds others.
Ctrl-C stores the predictions in the queue and stops everything; npm run reset empties .local.`;

const options = {
  env: { type: 'string', default: 'dev' },
  port: { type: 'string' },
  model: { type: 'string' },
  data: { type: 'string' },
  faults: { type: 'string' },
  inspect: { type: 'boolean', default: false },
} as const;

/** Where each environment listens unless told. */
const PORTS = { dev: '8787', prod: '8788' };
type LocalEnvironment = keyof typeof PORTS;
type Chosen = {
  environment: LocalEnvironment;
  model?: string | undefined;
  data?: string | undefined;
  inspect: boolean;
};

/** The model that is served where none is named. */
const OWN_MODEL = 'model';
/** The time that Ctrl-C waits for the queue. */
const SETTLE_MS = 15_000;
/** The interval of wrangler.toml's cron. */
const CRON_MS = 5 * 60_000;

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async (values) => {
    const environment = parseLocalEnvironment(values.env);
    const port = parsePort(values.port ?? PORTS[environment]);
    const faults = values.faults === undefined ? null : parseFaults(values.faults);

    const interrupted = new Promise<void>((resolve) => {
      // Not `once`: npm forwards a signal that the terminal sent too, and the second one must not cut the clean-up short.
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
    });
    await using running = new AsyncDisposableStack();
    const stopped = start(running, port, { ...values, environment }, faults);
    await Promise.race([interrupted, stopped]);
    console.log('\nStopping …');
    await running.disposeAsync();
    // A step that was interrupted may still hold the event loop.
    process.exit();
  },
);

/** Starts the parts one after the other; `running` closes them in reverse order. Never resolves; rejects if a part fails. */
async function start(
  running: AsyncDisposableStack,
  port: number,
  { environment, model: folder, data, inspect }: Chosen,
  faults: Faults | null,
): Promise<void> {
  // For the processes that it starts, too. What it writes holds records of people.
  process.umask(0o077);
  await assertPortFree(port);
  const ownKeys = await readOwnKeys();
  const signingKeys = await signingKeysOf(environment, { remote: false });
  const model = await step(
    `reading the model in ${folder ?? OWN_MODEL}`,
    async () => signModel(await readModelFolder(folder ?? OWN_MODEL)),
    ({ contract }) => describeModel(contract),
  );
  if (signingKeys.length > 0) await checkSignature(model, signingKeys);
  // The first build takes half a minute. Wrangler would build it too, but silently.
  await step('making the ONNX runtime', buildRuntime, ({ kind, wasm }) => `${kind}, ${formatBytes(wasm.length)}`);
  const directory = data ?? (folder === undefined ? DATA_DIRECTORY : dataDirectoryOf(model.contract.name));
  await makePrivate(directory);
  const home = environment === 'dev' ? directory : prodDirectoryOf(directory);
  if (home !== directory) await makePrivate(home);
  await adopt(running, await lockDirectory(home, 'Stop it, or choose another directory: npm start -- --data DIR'));
  if (environment === 'dev') await storeModel(model, folder, directory);
  const undelivered = await readUndelivered(home);
  if (undelivered)
    await step(`keeping ${describeUndelivered(undelivered.bodies)} of the last run as letters`, () =>
      withStore(
        environment,
        { remote: false, data: directory },
        (store) => turnIntoDeadLetters(home, undelivered, store),
        'DEAD_LETTERS',
      ),
    );

  const external = await urlOfOwnPostgres(environment);
  const openBackend = () => (external ? openPostgres(external) : openEmbedded(`${home}/postgres`));
  const backend = await step(
    external
      ? 'connecting to the Postgres that DATABASE_URL names'
      : `opening the embedded Postgres in ${home}/postgres`,
    openBackend,
  );
  // The embedded Postgres unpacks its first files with the modes of an archive, whatever the umask is.
  await keepPrivate(home);
  // The same after a restart, because the Worker knows it.
  const password = newToken();
  let database = await startNeonEndpoint(backend, { password });
  // Null while the endpoint restarts, and where it could not open again: a closed endpoint must not be closed twice.
  let open: NeonEndpoint | null = database;
  const closeDatabase = async () => {
    const closing = open;
    open = null;
    await closing?.close();
  };
  await adopt(running, closeDatabase);
  await step(
    'migrating the database',
    () => applyMigrations(database.databaseUrl),
    (applied) => applied.join(', ') || 'up to date',
  );
  const faultSwitch =
    faults &&
    (await startFaultSwitch({
      port: 0,
      initial: faults,
      databaseUrl: () => database.databaseUrl,
      restart: async () => {
        await closeDatabase();
        database = await startNeonEndpoint(await openBackend(), { password });
        open = database;
      },
    }));
  if (faultSwitch) await adopt(running, () => faultSwitch.close());
  const journal = await startQueueJournal();
  await adopt(running, () => journal.close());
  // Once the worker is stopped: until then it may promise to record more.
  await adopt(running, () => keepWhatIsUndelivered(home, journal));

  const localKey = await provideLocalKey(home);
  const apiKeys = [localKey.apiKey, ...ownKeys];
  const worker = await step('starting the worker', () =>
    startWorker({
      port,
      directory,
      logDirectory: home,
      environment,
      databaseUrl: faultSwitch?.databaseUrl ?? database.databaseUrl,
      apiKeys,
      signingKeys: signingKeys.map(({ id, publicKey }) => `${id}:${publicKey}`).join(' '),
      journal: journal.address,
      faults: faultSwitch?.address ?? null,
      inspect,
    }),
  );
  await adopt(running, async () => {
    worker.showLog(false);
    try {
      await settle(journal);
    } finally {
      await worker.stop();
    }
  });
  const hasModel = await isModelActive(environment, directory);
  await step('waiting until it is ready', () => worker.ready(hasModel ? '/health/ready' : '/health/live'));
  // The job stores the predictions that an earlier run left, and does whatever else is due.
  const runCron = () => worker.runCron().catch(() => undefined);
  await step('running the cron', runCron);
  const cron = setInterval(runCron, CRON_MS);
  await adopt(running, async () => clearInterval(cron));

  console.log(welcome(worker.url, localKey.path, model.contract));
  if (!hasModel) console.log(adviseModel(environment, worker.url, localKey.path, directory));
  if (faultSwitch)
    console.log(`  Faults     GET, PUT ${faultSwitch.address}\n  Restart    POST ${faultSwitch.restartAddress}\n`);
  const inspectorUrl = inspect ? await worker.inspectorUrl : null;
  if (inspectorUrl) console.log(warnOfInspector(inspectorUrl));
  worker.showLog(true);
  throw new UserError(await worker.ended);
}

function storeModel(model: ModelFolder, folder: string | undefined, directory: string): Promise<string> {
  const source = folder === undefined ? undefined : describeSource(folder, directory);
  return step(
    `storing the model in the local R2 in ${directory}`,
    () => withStore('dev', { remote: false, data: directory }, (store) => seed(store, model, source)),
    (outcome) => outcome,
  );
}

/** Undefined in prod: two environments in one database would mix their histories. */
async function urlOfOwnPostgres(environment: LocalEnvironment): Promise<string | undefined> {
  if (environment === 'prod') return undefined;
  return process.env['DATABASE_URL'] ?? (await readDevVar('DATABASE_URL'));
}

async function isModelActive(environment: LocalEnvironment, directory: string): Promise<boolean> {
  const pointer = (await withStore(environment, { remote: false, data: directory }, readPointer))?.pointer;
  return pointer != null && pointer.action !== 'withdraw';
}

/** Runs `close` at the end. If the end came while the part was starting, closes it at once and starts nothing more. */
async function adopt(running: AsyncDisposableStack, close: () => Promise<void>): Promise<void> {
  if (!running.disposed) return running.defer(close);
  await close();
  await new Promise(() => undefined);
}

/** Waits until the queue is empty, or until the time is over. */
async function settle(journal: QueueJournal): Promise<void> {
  const before = await journal.settle(0);
  if (before.length === 0) return;
  await step(
    `storing ${describeUndelivered(before)} from the queue`,
    () => journal.settle(SETTLE_MS),
    (left) => (left.length > 0 ? `${describeUndelivered(left)} not stored` : ''),
  );
}

async function keepWhatIsUndelivered(directory: string, journal: QueueJournal): Promise<void> {
  const left = await journal.settle(0);
  if (left.length === 0) return;
  await keepUndelivered(directory, left);
  console.log(`Kept in ${directory} for the next npm start: ${describeUndelivered(left)}.`);
}

/** Where the model of --model is from, and what to do where other bytes are stored under its number. */
function describeSource(folder: string, directory: string) {
  return {
    source: resolve(folder),
    advice: `Raise "version" in ${folder}/contract.json, or delete ${directory}, which has this model's predictions too.`,
  };
}

function describeModel({ name, version, features }: Contract): string {
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

function parseFaults(text: string): Faults {
  const faults = Faults.safeParse(parseJson(text));
  if (!faults.success) throw new UserError(`--faults: ${z.prettifyError(faults.error)}`, 2);
  return faults.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UserError(`--faults must be JSON, such as {"database":"down"}, not "${text}".`, 2);
  }
}

function parseLocalEnvironment(environment: string): LocalEnvironment {
  if (environment === 'dev' || environment === 'prod') return environment;
  throw new UserError(`--env must be dev or prod, not "${environment}".`, 2);
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

function adviseModel(environment: LocalEnvironment, url: string, keyPath: string, directory: string): string {
  const data = directory === DATA_DIRECTORY ? '' : ` --data ${quote(directory)}`;
  const command =
    environment === 'prod'
      ? `FUTURISYS_API_KEY=$(cat ${quote(keyPath)}) npm run promote -- --from dev --to prod --url ${url} --reason TEXT${data}`
      : `npm run activate -- --env dev --version X.Y.Z --reason TEXT${data}`;
  return `No model is active in ${environment} yet, so it predicts nothing:\n\n${command}\n`;
}

function warnOfInspector(url: string): string {
  return `
  Inspector  ${url}

WARNING: --inspect opens the Worker to this whole machine. The runtime's own inspector listens on a second port, which asks nobody for
anything. Any program, any user and any web page that is open in a browser here can read the database and the keys through it, and can
run code in the Worker. Close other pages meanwhile, and start again without --inspect when you are done.
`;
}

/** As a shell reads it back: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02 */
function quote(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
