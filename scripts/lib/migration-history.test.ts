import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, neonClient } from '../../workers/store/database.ts';
import { createHistory } from '../../workers/store/history.ts';
import { applyMigrations } from './migrations.ts';
import { type NeonEndpoint, startNeonEndpoint } from './neon-endpoint.ts';
import { openEmbedded } from './postgres-backends.ts';

let endpoint: NeonEndpoint;
let folder: string;
beforeEach(async () => {
  endpoint = await startNeonEndpoint(await openEmbedded());
  folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  await cp('migrations', folder, { recursive: true });
});
afterEach(async () => {
  await endpoint.close();
  await rm(folder, { recursive: true });
});

/** Applies the first migrations alone, as a database has them that is not up to date. */
async function applyFirst(count: number): Promise<string[]> {
  const path = join(folder, 'meta/_journal.json');
  const journal = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...journal, entries: journal.entries.slice(0, count) }));
  return applyMigrations(endpoint.databaseUrl, folder);
}

/** Inserts as the code did that came with the first migration, which goes on during a deploy, and after a rollback. */
async function insertAsBefore(id: string): Promise<void> {
  await neonClient(endpoint.databaseUrl)`
    insert into predictions (id, created_at, identifier, model_name, model_version, model_sha256, input, label, probability, threshold, risk, warnings)
    values (${id}, '2026-01-31T12:00:00.123Z', 7, 'made-up', '1.2.3', 'abc', '{"age":41}', 'leaves', 0.625, 0.5, 'high', '[]')
    on conflict do nothing`;
}

const stored = (id: string) => ({
  id,
  createdAt: '2026-01-31T12:00:00.123Z',
  identifier: 7,
  keyId: null,
  model: { name: 'made-up', version: '1.2.3', sha256: 'abc' },
  input: { age: 41 },
  label: 'leaves',
  probability: 0.625,
  threshold: 0.5,
  risk: 'high',
  warnings: [],
});

describe('the migration to the history', () => {
  it('keeps the predictions that are there, and takes those of the code before', async () => {
    expect(await applyFirst(1)).toEqual(['0000_predictions']);
    const [before, after] = [uuidv7(), uuidv7()];
    await insertAsBefore(before);
    expect(await applyMigrations(endpoint.databaseUrl)).toContain('0001_history');
    await insertAsBefore(after);

    const history = createHistory(connect(endpoint.databaseUrl), { now: () => new Date(), newId: uuidv7 });
    const any = { from: null, to: null, modelVersion: null, label: null, risk: null, identifier: 7 };
    expect(await history.list(any, null, 10)).toEqual(
      [after, before].map((id) => ({ prediction: stored(id), outcome: null })),
    );
    await history.putOutcome(before, { label: 'stays', observedOn: '2026-02-01' }, null);
    expect((await history.eraseIdentifier(7, { keyId: null, requestId: 'r1' })).predictions).toBe(2);
    expect(await history.list(any, null, 10)).toEqual([]);
  });
});
