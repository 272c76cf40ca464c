import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { v7 as uuidv7 } from 'uuid';
import { readMessage } from '../../common/history/prediction-message.ts';
import { connect } from '../../workers/store/database.ts';
import {
  countDeadLetters,
  DeadLetter,
  type DeadLetterStore,
  keepDeadLetter,
  UNREPLAYABLE,
  WAITING,
} from '../../workers/store/dead-letters.ts';
import { REMEMBERED_MS } from '../../workers/store/history-retention.ts';
import { replayDeadLetters } from '../../workers/store/replay-dead-letters.ts';
import { commonOptions, type Result, runCommand, step, UserError } from '../lib/cli.ts';
import { openDatabase } from '../lib/database/database-endpoint.ts';
import { type NeonEndpoint, startNeonEndpoint } from '../lib/database/neon-endpoint.ts';
import { openEmbedded } from '../lib/database/postgres-backends.ts';
import { readDevVar } from '../lib/dev-vars.ts';
import { lockDirectory } from '../lib/directory-lock.ts';
import { deadLettersInStore } from '../lib/local/dead-letter-store.ts';
import type { ObjectStore } from '../lib/model/object-store.ts';
import { parseEnvironment, STORE_HELP, storeOptions, withStore } from '../lib/model/open-store.ts';
import { startProgressBar } from '../lib/progress-bar.ts';
import { plural } from '../lib/text.ts';

const REMEMBERED_DAYS = REMEMBERED_MS / (24 * 60 * 60 * 1000);

const HELP = `Stores the predictions that wait as letters in R2, the oldest first, and lists those that cannot be stored, and why.

  DATABASE_URL=postgres://… npm run replay -- --env E --remote [options]

Options:
  --env E          the environment: dev or prod
  --list           only lists what waits and what cannot be stored; needs no database
  --again          tries those that could not be stored again, too: after a mended schema, say; not with --list
${STORE_HELP}
  --json           print the result as JSON

The cron of each environment does the same every five minutes, 800 letters at most. Running it again, or beside the cron, is
harmless: a prediction is stored once. --again leaves out what was made or received more than ${REMEMBERED_DAYS} days ago: erasures
are remembered that long, and an erased person must not come back.

Without --remote it works on the database that npm start records in: the one that DATABASE_URL names, in the environment or in
.dev.vars; else the embedded one, which must not be in use. npm start replays by itself when it starts.
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
/** What --again did: how many letters wait again, and those that are too old for it. */
type Returned = { returned: number; tooOld: string[] };

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async ({ env, ...values }) => {
    if (values.list && values.again)
      throw new UserError('--list only lists, and --again replays: give one of them.', 2);
    const work = values.list ? list : (store: ObjectStore) => replay(store, values);
    return withStore(parseEnvironment(env), values, work, 'DEAD_LETTERS');
  },
);

async function list(store: ObjectStore): Promise<Result> {
  const deadLetters = deadLettersInStore(store);
  const { waiting, oldest } = await countDeadLetters(deadLetters);
  const unreplayable = await readUnreplayable(deadLetters);
  const count = waiting < COUNTED ? waiting : `at least ${COUNTED}`;
  return {
    text: `Dead letters that wait: ${count}${oldest === null ? '' : `, since ${oldest}`}.\n${describeUnreplayable(unreplayable)}`,
    data: { waiting, oldest, unreplayable },
  };
}

async function replay(store: ObjectStore, values: Values): Promise<Result> {
  await using running = new AsyncDisposableStack();
  const database = await openTarget(values);
  running.defer(() => database.close());
  const again = values.again
    ? await step(
        'returning what could not be stored',
        () => returnRefused(deadLettersInStore(store), new Date()),
        ({ returned }) => plural(returned, 'letter'),
      )
    : { returned: 0, tooOld: [] };
  const deadLetters = deadLettersInStore(store);
  const { keys } = await deadLetters.list(WAITING, Number.POSITIVE_INFINITY, null);
  const bar = startProgressBar('replaying', keys.length, (letters) => plural(letters, 'letter'));
  const done = await replayDeadLetters(deadLetters, connect(database.databaseUrl, TIMEOUT_MS), {
    batches: Number.POSITIVE_INFINITY,
    progress: ({ stored, refused }) => bar.update(stored + refused.length),
  });
  bar.done();
  if (done.failure !== null)
    throw new UserError(
      `The database failed after ${plural(done.stored, 'letter')}: ${done.failure}\nThe others still wait: mend it, and run this again.`,
    );
  const unreplayable = await readUnreplayable(deadLettersInStore(store));
  return {
    text: [
      `Dead letters stored: ${done.stored}.`,
      ...describeTooOld(again.tooOld),
      describeUnreplayable(unreplayable),
    ].join('\n'),
    data: { stored: done.stored, refused: done.refused, unreplayable, tooOld: again.tooOld },
  };
}

/** The database that DATABASE_URL names or, for letters on this machine, the one that npm start records in. */
async function openTarget({ remote, data }: Values): Promise<NeonEndpoint> {
  const databaseUrl = process.env['DATABASE_URL'] ?? (remote ? undefined : await readDevVar('DATABASE_URL'));
  if (databaseUrl) return step('connecting to the database', () => openDatabase(databaseUrl));
  if (remote) throw new UserError('DATABASE_URL is not set. See: npm run replay -- --help');
  const unlock = await lockDirectory(
    data,
    'If that is npm start, it replays by itself when it starts and every five minutes; else stop it first.',
  );
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

async function readUnreplayable(deadLetters: DeadLetterStore): Promise<Unreplayable[]> {
  const { keys } = await deadLetters.list(UNREPLAYABLE, Number.POSITIVE_INFINITY, null);
  const read: Unreplayable[] = [];
  for (const key of keys) read.push({ key, reason: reasonOf(await deadLetters.read(key)) });
  return read;
}

function reasonOf(text: string | null): string {
  const letter = parseLetter(text);
  return letter ? (letter.reason ?? 'it is not said') : 'it is not a letter';
}

function parseLetter(text: string | null): DeadLetter | null {
  try {
    return DeadLetter.parse(JSON.parse(text ?? ''));
  } catch {
    return null;
  }
}

/**
 * Moves unreplayable dead letters back to those that wait. Two kinds stay: files that are not dead letters, and letters so old
 * that the erasure of their person may be forgotten. A letter returns under a new id, so that a cron that sets it aside at the
 * same moment writes another key than the one removed here.
 */
async function returnRefused(deadLetters: DeadLetterStore, now: Date): Promise<Returned> {
  const { keys } = await deadLetters.list(UNREPLAYABLE, Number.POSITIVE_INFINITY, null);
  const result: Returned = { returned: 0, tooOld: [] };
  for (const key of keys) {
    const letter = parseLetter(await deadLetters.read(key));
    if (!letter) continue;
    if (now.getTime() - oldestOf(letter) > REMEMBERED_MS) {
      result.tooOld.push(key);
      continue;
    }
    const { receivedAt, body } = letter;
    await keepDeadLetter(deadLetters, { messageId: uuidv7(), receivedAt, body });
    await deadLetters.remove([key]);
    result.returned++;
  }
  return result;
}

/** When a letter was received or, where that is earlier, the first of its predictions was made: it may have been queued for long. */
function oldestOf({ receivedAt, body }: DeadLetter): number {
  return readMessage(body).predictions.reduce(
    (oldest, { createdAt }) => Math.min(oldest, Date.parse(createdAt)),
    Date.parse(receivedAt),
  );
}

function describeTooOld(keys: readonly string[]): string[] {
  if (keys.length === 0) return [];
  return [
    `Not tried again, being older than ${REMEMBERED_DAYS} days: ${plural(keys.length, 'letter')}. The people may have been erased since.`,
    ...keys.map((key) => `  ${key}`),
  ];
}

function describeUnreplayable(unreplayable: readonly Unreplayable[]): string {
  if (unreplayable.length === 0) return 'None is unreplayable.';
  const lines = unreplayable.map(({ key, reason }) => `  ${key}: ${reason}`);
  return [
    `Unreplayable: ${unreplayable.length}. --again tries again what is at most ${REMEMBERED_DAYS} days old.`,
    ...lines,
  ].join('\n');
}
