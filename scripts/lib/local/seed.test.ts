import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeModelFolder } from '../../../tests/kit/model-folders.ts';
import { readHistory, readPointer, switchVersion } from '../model/active-version.ts';
import { readModelFolder } from '../model/model-folder.ts';
import type { ObjectStore } from '../model/object-store.ts';
import { storeVersion } from '../model/stored-versions.ts';
import { noProgressBar } from '../progress-bar.ts';
import { openLocalStore } from './local-store.ts';
import { seed } from './seed.ts';

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
    expect((await readHistory(store)).map((switched) => switched.version)).toEqual(['1.0.0', '1.1.0']);
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
    await switchVersion(store, chosen, { action: 'activate', by: 'an analyst', reason: 'test', current: null });
    expect(await seed(store, await version('1.0.0'))).toContain('0.9.0 stays active, as an analyst chose');
    expect(await active()).toMatchObject({ version: '0.9.0' });
  });

  it('refuses other bytes under a version that is stored', async () => {
    await seed(store, await version('1.0.0'));
    const other = await version('1.0.0', ({ output }) => {
      output.threshold = 0.5;
    });
    await expect(seed(store, other)).rejects.toThrow(/a stored version never changes.*npm run reset/);
    const named = { source: '/models/loans', advice: 'Raise the version.' };
    await expect(seed(store, other, named)).rejects.toThrow(/a stored version never changes.*Raise the version\.$/);
  });
});

describe('switchVersion', () => {
  it('lets one of two win who decided on the same state, and tells the other', async () => {
    await seed(store, await version('1.0.0'));
    const current = await readPointer(store);
    const [one, two] = [await version('1.1.0'), await version('1.2.0')];
    const outcomes = await Promise.allSettled(
      [one, two].map((model) =>
        switchVersion(store, model, { action: 'activate', by: 'test', reason: 'race', current }),
      ),
    );
    const winners = outcomes.filter(({ status }) => status === 'fulfilled');
    const told = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []));
    expect(winners).toHaveLength(1);
    expect(told).toEqual([expect.stringContaining('Somebody else switched')]);
    expect((await readHistory(store)).map((switched) => switched.version)).toEqual([
      '1.0.0',
      (await active())?.version,
    ]);
  });

  it('writes the history entry that a stopped run left out', async () => {
    const stopped: ObjectStore = {
      ...store,
      async put(...args) {
        if (args[0].startsWith('channels/history/')) throw new Error('stopped');
        return store.put(...args);
      },
    };
    await expect(seed(stopped, await version('1.0.0'))).rejects.toThrow('stopped');
    expect([(await active())?.version, await store.list('channels/history/')]).toEqual(['1.0.0', []]);
    await seed(store, await version('1.1.0'));
    expect((await store.list('channels/history/')).length).toBe(2);
  });

  it('replaces a malformed pointer, and passes over a malformed history entry', async () => {
    const contentType = 'application/json';
    await store.put('channels/active.json', Buffer.from('{'), { contentType, condition: 'absent' });
    await store.put('channels/history/2020.json', Buffer.from('{'), { contentType, condition: 'absent' });
    expect(await seed(store, await version('1.0.0'))).toContain('stored and activated');
    expect((await readHistory(store)).map((switched) => switched.version)).toEqual(['1.0.0']);
  });

  it('recognises its own switch where the answer to it was lost', async () => {
    await seed(store, await version('1.0.0'));
    const current = await readPointer(store);
    const forgetful: ObjectStore = {
      ...store,
      async put(...args) {
        await store.put(...args);
        return args[0] === 'channels/active.json' ? null : 'etag';
      },
    };
    const next = await version('1.1.0');
    const switched = await switchVersion(forgetful, next, { action: 'activate', by: 'test', reason: 'lost', current });
    expect([switched.pointer.version, switched.etag]).toEqual(['1.1.0', (await readPointer(store))?.etag]);
  });

  it('is ordered in the history after what it replaces, whatever the clock says', async () => {
    await seed(store, await version('1.0.0'));
    const current = await readPointer(store);
    if (!current?.pointer) throw new Error('nothing is active');
    const ahead = { ...current, pointer: { ...current.pointer, activatedAt: '2999-01-01T00:00:00.000Z' } };
    const { pointer } = await switchVersion(store, await version('1.1.0'), {
      action: 'activate',
      by: 'test',
      reason: 'skew',
      current: ahead,
    });
    expect(pointer.activatedAt).toBe('2999-01-01T00:00:00.001Z');
  });
});
