import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Prediction } from '../common/prediction.ts';
import { packPredictions } from '../common/prediction-message.ts';
import { connect } from '../workers/store/database.ts';
import { predictions } from '../workers/store/schema.ts';
import { applyMigrations } from './lib/migrations.ts';
import { type NeonEndpoint, startNeonEndpoint } from './lib/neon-endpoint.ts';
import { withStore } from './lib/open-store.ts';
import { openEmbedded } from './lib/postgres-backends.ts';
import { runScript } from './test/run-script.ts';

let data: string;
let database: NeonEndpoint;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'replay-'));
  database = await startNeonEndpoint(await openEmbedded());
  await applyMigrations(database.databaseUrl);
});
afterEach(async () => {
  await database.close();
  await rm(data, { recursive: true });
});

const inBucket = <T>(work: Parameters<typeof withStore<T>>[2]) =>
  withStore('dev', { remote: false, data }, work, 'DEAD_LETTERS');
const keys = () => inBucket((store) => store.list(''));

/** Puts letters of one prediction each. */
async function put(letters: readonly Prediction[]): Promise<void> {
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

function made(n: number, changes: Partial<Prediction> = {}): Prediction {
  return {
    id: `019b0000-0000-7000-8000-${String(n).padStart(12, '0')}`,
    createdAt: '2026-01-31T11:00:00.000Z',
    identifier: n + 1,
    keyId: null,
    model: { name: 'made-up', version: '1.0.0', sha256: 'a'.repeat(64) },
    input: { age: 41 },
    label: 'leaves',
    probability: 0.625,
    threshold: 0.5,
    risk: 'high',
    warnings: [],
    ...changes,
  };
}

const replay = (...options: string[]) =>
  runScript('replay', ['--env', 'dev', '--data', data, ...options], { DATABASE_URL: database.databaseUrl });
const stored = async () =>
  (await connect(database.databaseUrl)().select({ id: predictions.id }).from(predictions)).length;

describe('replay', () => {
  it('lists, stores what it can, says why the rest cannot be, and tries that again', async () => {
    const bad = made(1, { label: 'a\u0000b' });
    await put([made(0), bad, ...Array.from({ length: 30 }, (_, i) => made(i + 2))]);
    expect((await replay('--list')).stdout).toBe('Letters that wait: 32, since 2026-01-31.\nNone is unreplayable.\n');

    const first = await replay();
    expect([first.code, first.stdout]).toEqual([0, expect.stringMatching(/^Letters stored: 31\.\nUnreplayable: 1\./)]);
    expect(first.stdout).toMatch(/unreplayable\/2026\/01\/31\/m1\.json: .*unicode/i);
    expect([await stored(), await keys()]).toEqual([31, ['unreplayable/2026/01/31/m1.json']]);

    const again = await replay('--again', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({
      stored: 0,
      unreplayable: [{ key: 'unreplayable/2026/01/31/m1.json', reason: expect.stringMatching(/unicode/i) }],
    });
  });

  it('leaves everything where it is while the database fails, and goes on afterwards', async () => {
    await put([made(0)]);
    const down = await runScript('replay', ['--env', 'dev', '--data', data], {
      DATABASE_URL: database.databaseUrl.replace(/:\d+\//, ':9/'),
    });
    expect([down.code, down.stderr]).toEqual([1, expect.stringMatching(/Postgres|database/)]);
    expect(await keys()).toHaveLength(1);
    expect((await replay()).stdout).toContain('Letters stored: 1.');
    expect([await stored(), await keys()]).toEqual([1, []]);
  });

  it('says what is missing', async () => {
    const without = (...options: string[]) =>
      runScript('replay', options, {
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
    expect(await without()).toMatchObject({ code: 2, stderr: expect.stringContaining('--env must be one of') });
  });
});
