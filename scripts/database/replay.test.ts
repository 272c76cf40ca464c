import { spawn } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packPredictions } from '../../common/history/prediction-message.ts';
import { type BinaryPrediction, made } from '../../common/test/prediction.ts';
import { callScript } from '../../tests/kit/call-script.ts';
import { collect, runScript } from '../../tests/kit/run-script.ts';
import { openTestDatabase } from '../../tests/kit/test-database.ts';
import { startLocalS3 } from '../../tests/stand-ins/s3/local-s3.ts';
import { connect } from '../../workers/store/database.ts';
import { setAsideDeadLetter } from '../../workers/store/dead-letters.ts';
import { predictions } from '../../workers/store/schema.ts';
import { applyMigrations } from '../lib/database/migrations.ts';
import { type NeonEndpoint, startNeonEndpoint } from '../lib/database/neon-endpoint.ts';
import { deadLettersInStore } from '../lib/local/dead-letter-store.ts';
import { withStore } from '../lib/model/open-store.ts';

let data: string;
let database: NeonEndpoint;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'replay-'));
  database = await startNeonEndpoint(await openTestDatabase());
  await applyMigrations(database.databaseUrl);
});
afterEach(async () => {
  await database.close();
  await rm(data, { recursive: true });
});

const inBucket = <T>(work: Parameters<typeof withStore<T>>[2]) =>
  withStore('dev', { remote: false, data }, work, 'DEAD_LETTERS');
const keys = () => inBucket((store) => store.list(''));

const DAY_MS = 24 * 60 * 60 * 1000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();

/** Puts a letter of one prediction among those that cannot be stored, and resolves to its key. */
async function refuse(messageId: string, receivedAt: string, prediction: BinaryPrediction): Promise<string> {
  const [message] = packPredictions([prediction], 60_000);
  const letter = { messageId, receivedAt, body: message?.body, reason: 'a reason' };
  return inBucket((store) => setAsideDeadLetter(deadLettersInStore(store), letter, letter.reason));
}

/** Puts letters of one prediction each. */
async function put(letters: readonly BinaryPrediction[]): Promise<void> {
  await inBucket(async (store) => {
    for (const [i, prediction] of letters.entries()) {
      const [message] = packPredictions([prediction], 60_000);
      const letter = { messageId: `m${i}`, receivedAt: '2026-01-31T12:00:00.000Z', body: message?.body };
      await store.put(
        `dead-letters/2026/01/31/m${String(i).padStart(3, '0')}.json`,
        Buffer.from(JSON.stringify(letter)),
        {
          contentType: 'application/json',
          condition: 'absent',
        },
      );
    }
  });
}

/** A prediction whose id tells which one it is. */
const numbered = (n: number, changes: Partial<BinaryPrediction> = {}) =>
  made({
    id: `019b0000-0000-7000-8000-${String(n).padStart(12, '0')}`,
    createdAt: '2026-01-31T11:00:00.000Z',
    identifier: n + 1,
    ...changes,
  });

const replay = (...options: string[]) =>
  callScript('replay', ['--env', 'dev', '--data', data, ...options], { DATABASE_URL: database.databaseUrl });
const stored = async () =>
  (await connect(database.databaseUrl)().select({ id: predictions.id }).from(predictions)).length;

describe('replay', () => {
  it('lists, stores what it can, and says why the rest cannot be', async () => {
    const bad = numbered(1, { label: 'a\u0000b' });
    await put([numbered(0), bad, ...Array.from({ length: 30 }, (_, i) => numbered(i + 2))]);
    expect((await replay('--list')).stdout).toBe(
      'Dead letters that wait: 32, since 2026-01-31.\nNone is unreplayable.\n',
    );

    const first = await runScript('replay', ['--env', 'dev', '--data', data], { DATABASE_URL: database.databaseUrl });
    expect([first.code, first.stdout]).toEqual([
      0,
      expect.stringMatching(/^Dead letters stored: 31\.\nUnreplayable: 1\./),
    ]);
    expect(first.stdout).toMatch(/unreplayable\/2026\/01\/31\/m1\.json: .*unicode/i);
    expect([await stored(), await keys()]).toEqual([31, ['unreplayable/2026/01/31/m1.json']]);
  });

  it('tries again what could not be stored, each letter under a new id', async () => {
    const bad = await refuse('bad', daysAgo(2), numbered(0, { createdAt: daysAgo(2), label: 'a\u0000b' }));
    await refuse('good', daysAgo(2), numbered(1, { createdAt: daysAgo(2) }));
    const again = await replay('--again', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({
      stored: 1,
      unreplayable: [{ reason: expect.stringMatching(/unicode/i) }],
      tooOld: [],
    });
    expect(await stored()).toBe(1);
    const folder = bad.slice(0, -'bad.json'.length);
    expect(await keys()).toEqual([expect.stringMatching(new RegExp(`^${folder}[0-9a-f-]{36}\\.json$`))]);
  });

  it('removes a letter that could not be stored only once it waits again', async () => {
    const s3 = await startLocalS3(['futurisys-dead-letters-dev']);
    const env = {
      DATABASE_URL: database.databaseUrl,
      R2_ENDPOINT: s3.url,
      R2_ACCESS_KEY_ID: s3.accessKeyId,
      R2_SECRET_ACCESS_KEY: s3.secretAccessKey,
    };
    const bucket = s3.buckets.get('futurisys-dead-letters-dev');
    const [message] = packPredictions([numbered(0, { createdAt: daysAgo(2) })], 60_000);
    const letter = { messageId: 'm0', receivedAt: daysAgo(2), body: message?.body, reason: 'a reason' };
    const key = 'unreplayable/2026/01/31/m0.json';
    bucket?.set(key, { bytes: Buffer.from(JSON.stringify(letter)), etag: 'e', contentType: 'application/json' });
    const again = () => callScript('replay', ['--env', 'dev', '--remote', '--again'], env);

    s3.fail('PUT', /dead-letters\//, 500, Number.POSITIVE_INFINITY);
    const { code, stderr } = await again();
    expect([code, stderr]).toEqual([1, expect.stringContaining('500')]);
    expect([...(bucket?.keys() ?? [])]).toEqual([key]);
    s3.heal();
    expect(await again()).toMatchObject({ code: 0, stdout: expect.stringContaining('Dead letters stored: 1.') });
    expect([await stored(), bucket?.size]).toEqual([1, 0]);
    await s3.close();
  });

  it('does not try again what may be of people whose erasure is forgotten, and says so', async () => {
    const received = await refuse('received', daysAgo(31), numbered(0, { createdAt: daysAgo(31) }));
    const queuedLong = await refuse('queued', daysAgo(20), numbered(1, { createdAt: daysAgo(31) }));
    await refuse('young', daysAgo(29), numbered(2, { createdAt: daysAgo(29) }));
    const { code, stdout } = await replay('--again');
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^Dead letters stored: 1\.\nNot tried again, .*: 2 letters\./),
    ]);
    expect(await stored()).toBe(1);
    expect(await keys()).toEqual([received, queuedLong].sort());
  });

  it('leaves what is no letter where it is', async () => {
    const key = 'unreplayable/2026/01/31/m1.json';
    await inBucket((store) =>
      store.put(key, Buffer.from('{'), { contentType: 'application/json', condition: 'absent' }),
    );
    expect((await replay('--again')).stdout).toContain(`${key}: it is not a letter`);
    expect(await keys()).toEqual([key]);
  });

  it('works on the database that .dev.vars names, as npm start does', async () => {
    await put([numbered(0)]);
    const directory = await mkdtemp(join(tmpdir(), 'vars-'));
    await cp('wrangler.toml', join(directory, 'wrangler.toml'));
    await writeFile(join(directory, '.dev.vars'), `DATABASE_URL=${database.databaseUrl}\n`);
    const { DATABASE_URL: _, ...env } = process.env;
    const script = join(import.meta.dirname, 'replay.ts');
    const { code, stderr } = await collect(
      spawn(process.execPath, [script, '--env', 'dev', '--data', data], {
        cwd: directory,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
    await rm(directory, { recursive: true });
    expect([code, stderr]).toEqual([0, expect.stringContaining('connecting to the database')]);
    expect(await stored()).toBe(1);
  });

  it('leaves a database alone that is in use, and does not advise to start another', async () => {
    await writeFile(join(data, 'lock'), String(process.ppid));
    const { code, stderr } = await callScript('replay', ['--env', 'dev', '--data', data], { DATABASE_URL: '' });
    expect([code, stderr]).toEqual([1, expect.stringContaining('is in use by process')]);
    expect(stderr).toContain('it replays by itself');
    expect(stderr).not.toContain('npm start -- --data');
  });

  it('leaves everything where it is while the database fails, and goes on afterwards', async () => {
    await put([numbered(0)]);
    const down = await callScript('replay', ['--env', 'dev', '--data', data], {
      DATABASE_URL: database.databaseUrl.replace(/:\d+\//, ':9/'),
    });
    expect([down.code, down.stderr]).toEqual([1, expect.stringMatching(/Postgres|database/)]);
    expect(await keys()).toHaveLength(1);
    expect((await replay()).stdout).toContain('Dead letters stored: 1.');
    expect([await stored(), await keys()]).toEqual([1, []]);
  });

  it('says what is missing', async () => {
    const without = (...options: string[]) =>
      callScript('replay', options, {
        DATABASE_URL: '',
        R2_ENDPOINT: 'http://127.0.0.1:9',
        R2_ACCESS_KEY_ID: 'x',
        R2_SECRET_ACCESS_KEY: 'x',
      });
    expect(await without('--env', 'model')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no bucket DEAD_LETTERS'),
    });
    expect(await without('--env', 'dev', '--remote')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('DATABASE_URL is not set'),
    });
    expect(await without('--env', 'dev', '--list', '--again')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('give one of them'),
    });
    expect(await without()).toMatchObject({ code: 2, stderr: expect.stringContaining('--env must be one of') });
  });
});
