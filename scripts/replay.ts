import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connect } from '../workers/store/database.ts';
import { countLetters, Letter, type LetterBox, REFUSED, WAITING } from '../workers/store/letters.ts';
import { replayLetters } from '../workers/store/replay-letters.ts';
import { commonOptions, type Result, runCommand, step, UserError } from './lib/cli.ts';
import { openDatabase } from './lib/database-endpoint.ts';
import { lockDirectory } from './lib/directory-lock.ts';
import { letterBoxOf } from './lib/letter-box.ts';
import { type NeonEndpoint, startNeonEndpoint } from './lib/neon-endpoint.ts';
import type { ObjectStore } from './lib/object-store.ts';
import { parseEnvironment, STORE_HELP, storeOptions, withStore } from './lib/open-store.ts';
import { openEmbedded } from './lib/postgres-backends.ts';
import { startProgressBar } from './lib/progress-bar.ts';

const HELP = `Stores the predictions that wait as letters in R2, the oldest first, and lists those that cannot be stored, and why.

  DATABASE_URL=postgres://… npm run replay -- --env E --remote [options]

Options:
  --env E          the environment: dev or prod
  --list           only lists what waits and what cannot be stored; needs no database
  --again          tries those that could not be stored again, too: after a mended schema, say
${STORE_HELP}
  --json           print the result as JSON

The cron of each environment does the same every five minutes, 800 letters at most. Running it again, or beside the cron, is
harmless: a prediction is stored once. Without --remote and DATABASE_URL it works on the database that npm start embeds, which
must not be running; it replays by itself when it starts.
With --remote the credentials of an R2 API token come from the environment: R2_ACCESS_KEY_ID, R2_SECRET_ACCESS_KEY and
CLOUDFLARE_ACCOUNT_ID.`;

const options = {
  env: { type: 'string' },
  list: { type: 'boolean', default: false },
  again: { type: 'boolean', default: false },
  ...storeOptions,
} as const;

/** How long one request of at most 25 letters may take. */
const TIMEOUT_MS = 60_000;
/** As many as are counted. */
const COUNTED = 1000;

type Values = { list: boolean; again: boolean; remote: boolean; data: string };
type Unreplayable = { key: string; reason: string };

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async ({ env, ...values }) => {
    const work = values.list ? list : (store: ObjectStore) => replay(store, values);
    return withStore(parseEnvironment(env), values, work, 'DEAD_LETTERS');
  },
);

async function list(store: ObjectStore): Promise<Result> {
  const box = letterBoxOf(store);
  const { waiting, oldest } = await countLetters(box);
  const unreplayable = await readUnreplayable(box);
  const count = waiting < COUNTED ? waiting : `at least ${COUNTED}`;
  return {
    text: `Letters that wait: ${count}${oldest === null ? '' : `, since ${oldest}`}.\n${describe(unreplayable)}`,
    data: { waiting, oldest, unreplayable },
  };
}

async function replay(store: ObjectStore, values: Values): Promise<Result> {
  await using running = new AsyncDisposableStack();
  const database = await openTarget(values);
  running.defer(() => database.close());
  if (values.again) await step('returning what could not be stored', () => returnRefused(letterBoxOf(store)), String);
  const waiting = (await store.list(WAITING)).length;
  const bar = startProgressBar('replaying', waiting, (letters) => `${letters} letters`);
  const done = await replayLetters(letterBoxOf(store), connect(database.databaseUrl, TIMEOUT_MS), {
    batches: Number.POSITIVE_INFINITY,
    progress: ({ stored, refused }) => bar.update(stored + refused.length),
  });
  bar.done();
  if (done.failure !== null)
    throw new UserError(
      `${done.stored} letters were stored, then the database failed: ${done.failure}\nThe others still wait: mend it, and run this again.`,
    );
  const unreplayable = await readUnreplayable(letterBoxOf(store));
  return {
    text: `Letters stored: ${done.stored}.\n${describe(unreplayable)}`,
    data: { stored: done.stored, refused: done.refused, unreplayable },
  };
}

/** The database that DATABASE_URL names or, for letters on this machine, the one that npm start embeds. */
async function openTarget({ remote, data }: Values): Promise<NeonEndpoint> {
  const databaseUrl = process.env['DATABASE_URL'];
  if (databaseUrl) return step('connecting to the database', () => openDatabase(databaseUrl));
  if (remote) throw new UserError('DATABASE_URL is not set. See: npm run replay -- --help');
  const unlock = await lockDirectory(data);
  const endpoint = await step('opening the embedded Postgres', async () =>
    startNeonEndpoint(await openEmbedded(join(data, 'postgres'))),
  );
  return {
    ...endpoint,
    async close() {
      await endpoint.close();
      await unlock();
    },
  };
}

async function readUnreplayable(box: LetterBox): Promise<Unreplayable[]> {
  const { keys } = await box.list(REFUSED, Number.POSITIVE_INFINITY, null);
  const read: Unreplayable[] = [];
  for (const key of keys) read.push({ key, reason: reasonOf(await box.read(key)) });
  return read;
}

function reasonOf(text: string | null): string {
  try {
    return Letter.parse(JSON.parse(text ?? '')).reason ?? 'it is not said';
  } catch {
    return 'it is not a letter';
  }
}

/** Lets what was refused wait again, and resolves to how many letters. */
async function returnRefused(box: LetterBox): Promise<number> {
  const { keys } = await box.list(REFUSED, Number.POSITIVE_INFINITY, null);
  for (const key of keys) {
    const text = await box.read(key);
    if (text !== null) await box.write(key.replace(REFUSED, WAITING), text);
    await box.remove([key]);
  }
  return keys.length;
}

function describe(unreplayable: readonly Unreplayable[]): string {
  if (unreplayable.length === 0) return 'None is unreplayable.';
  const lines = unreplayable.map(({ key, reason }) => `  ${key}: ${reason}`);
  return [`Unreplayable: ${unreplayable.length}. --again tries them again.`, ...lines].join('\n');
}
