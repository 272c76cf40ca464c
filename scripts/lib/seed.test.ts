import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeModelFolder } from '../test/model-folders.ts';
import { flip, readHistory, readPointer } from './flips.ts';
import { openLocalStore } from './local-store.ts';
import { readModelFolder } from './model-folder.ts';
import type { ObjectStore } from './object-store.ts';
import { noProgressBar } from './progress-bar.ts';
import { seed } from './seed.ts';
import { storeVersion } from './stored-versions.ts';

let directory: string;
let store: ObjectStore;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'seed-'));
  store = await openLocalStore('dev', directory);
});
afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true });
});

const version = async (number: string, change?: Parameters<typeof makeModelFolder>[2]) =>
  readModelFolder(await makeModelFolder(directory, number, change));
const active = async () => (await readPointer(store))?.pointer;

describe('seed', () => {
  it('activates the model in the working tree, then a newer one, then leaves it', async () => {
    expect(await seed(store, await version('1.0.0'))).toContain('stored and activated');
    expect(await seed(store, await version('1.1.0'))).toContain('stored and activated');
    expect(await seed(store, await version('1.1.0'))).toBe('1.1.0 is active');
    expect((await readHistory(store)).map((flipped) => flipped.version)).toEqual(['1.0.0', '1.1.0']);
  });

  it('activates another model that has the same version number', async () => {
    await seed(store, await version('1.0.0'));
    const other = await version('1.0.0', (contract) => {
      contract.name = 'other-model';
    });
    expect(await seed(store, other)).toContain('stored and activated other-model');
    expect(await active()).toMatchObject({
      name: 'other-model',
      from: { name: 'technova-attrition', version: '1.0.0' },
    });
  });

  it("leaves a person's choice alone", async () => {
    const chosen = await version('0.9.0');
    await storeVersion(store, chosen, 'test', noProgressBar);
    await flip(store, chosen, { action: 'activate', by: 'an analyst', reason: 'test', current: null });
    expect(await seed(store, await version('1.0.0'))).toContain('0.9.0 stays active, as an analyst chose');
    expect(await active()).toMatchObject({ version: '0.9.0' });
  });

  it('refuses other bytes under a version that is stored', async () => {
    await seed(store, await version('1.0.0'));
    const other = await version('1.0.0', ({ output }) => {
      output.threshold = 0.5;
    });
    await expect(seed(store, other)).rejects.toThrow('a stored version never changes');
  });
});

describe('flip', () => {
  it('lets one of two win who decided on the same state, and tells the other', async () => {
    await seed(store, await version('1.0.0'));
    const current = await readPointer(store);
    const [one, two] = [await version('1.1.0'), await version('1.2.0')];
    const outcomes = await Promise.allSettled(
      [one, two].map((model) => flip(store, model, { action: 'activate', by: 'test', reason: 'race', current })),
    );
    const winners = outcomes.filter(({ status }) => status === 'fulfilled');
    const told = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []));
    expect(winners).toHaveLength(1);
    expect(told).toEqual([expect.stringContaining('Somebody else switched')]);
    expect((await readHistory(store)).map((flipped) => flipped.version)).toEqual(['1.0.0', (await active())?.version]);
  });

  it('writes the history entry that a stopped run left out', async () => {
    await seed(store, await version('1.0.0'));
    for (const key of await store.list('channels/history/')) await store.remove(key);
    await seed(store, await version('1.1.0'));
    expect((await store.list('channels/history/')).length).toBe(2);
  });

  it('says that a pointer is malformed', async () => {
    await store.put('channels/active.json', Buffer.from('{'), { contentType: 'application/json', condition: 'absent' });
    await expect(readPointer(store)).rejects.toThrow('is malformed');
  });
});
