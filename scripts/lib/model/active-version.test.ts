import { describe, expect, it } from 'vitest';
import { ACTIVE_POINTER_KEY } from '../../../common/contract/active-pointer.ts';
import { noProgressBar } from '../progress-bar.ts';
import { readHistory, readPointer, type SwitchRequest, switchVersion, withdrawVersion } from './active-version.ts';
import { type ModelFolder, readModelFolder } from './model-folder.ts';
import type { ObjectStore } from './object-store.ts';
import { storeVersion } from './stored-versions.ts';

const published = await readModelFolder('model');
const numbered = (version: string): ModelFolder => ({ ...published, contract: { ...published.contract, version } });
const [ONE, TWO, THREE] = [numbered('1.0.0'), numbered('2.0.0'), numbered('3.0.0')];

/** A bucket as R2 is: one object a key, and puts that compare an etag. The call number `failing` fails, before or after its effect. */
function bucket(failing = Number.POSITIVE_INFINITY, after = false) {
  const objects = new Map<string, { bytes: Uint8Array; etag: string }>();
  let [calls, etags, isBroken] = [0, 0, false];
  async function call<T>(effect: () => T): Promise<T> {
    const fails = isBroken && calls++ === failing;
    if (fails && !after) throw new Error('R2 is down');
    const result = effect();
    if (fails) throw new Error('the answer was lost');
    return result;
  }
  const store: ObjectStore = {
    name: 'a bucket',
    get: (key) => call(() => objects.get(key) ?? null),
    put: (key, bytes, { condition }) =>
      call(() => {
        const found = objects.get(key)?.etag ?? null;
        if (condition === 'absent' ? found !== null : found !== condition.etag) return null;
        const etag = `${++etags}`;
        objects.set(key, { bytes, etag });
        return etag;
      }),
    list: (prefix) => call(() => [...objects.keys()].filter((key) => key.startsWith(prefix)).toSorted()),
    remove: (keys) => call(() => keys.forEach((key) => void objects.delete(key))),
    close: async () => undefined,
  };
  return {
    store,
    calls: () => calls,
    setBroken(broken: boolean) {
      isBroken = broken;
    },
  };
}

const asked = { by: 'somebody', reason: 'a reason' };

async function flip(store: ObjectStore, model: ModelFolder, action: SwitchRequest['action'] = 'activate') {
  return switchVersion(store, model, { ...asked, action, current: await readPointer(store) });
}

async function withdraw(store: ObjectStore, { contract: { name, version } }: ModelFolder) {
  return withdrawVersion(store, { name, version }, { ...asked, current: await readPointer(store) });
}

const told = async (store: ObjectStore) =>
  (await readHistory(store)).map(({ action, version, withdrawn }) => `${action} ${version} ${withdrawn?.length ?? 0}`);

/** The keys of the history alone, without the pointer that `readHistory` adds. */
const kept = (store: ObjectStore) => store.list('channels/history/');

describe.each([
  ['a switch', async (store: ObjectStore) => void (await flip(store, TWO)), 'activate 2.0.0 0'],
  [
    'a withdrawal of another version',
    async (store: ObjectStore) => void (await withdraw(store, TWO)),
    'activate 1.0.0 1',
  ],
  [
    'a withdrawal of the active version',
    async (store: ObjectStore) => void (await withdraw(store, ONE)),
    'withdraw 1.0.0 1',
  ],
])('%s', (_what, act, entry) => {
  async function start(failing?: number, after?: boolean) {
    const it = bucket(failing, after);
    for (const model of [ONE, TWO, THREE]) await storeVersion(it.store, model, 'a test', noProgressBar);
    await flip(it.store, ONE);
    it.setBroken(true);
    return it;
  }

  it('that stops at any step is there whole or not at all, and no later one forgets it', async () => {
    const whole = await start();
    await act(whole.store);
    const steps = whole.calls();
    whole.setBroken(false);
    expect(await told(whole.store)).toEqual(['activate 1.0.0 0', entry]);
    expect(steps).toBeGreaterThan(3);
    for (let failing = 0; failing < steps; failing++) {
      for (const after of [false, true]) {
        const { store, setBroken } = await start(failing, after);
        await expect(act(store), `step ${failing}`).rejects.toThrow(after ? 'was lost' : 'is down');
        setBroken(false);
        const pointer = (await readPointer(store))?.pointer;
        const happened = pointer?.activatedAt !== (await readHistory(store))[0]?.activatedAt;
        const expected = happened ? ['activate 1.0.0 0', entry] : ['activate 1.0.0 0'];
        expect(await told(store), `step ${failing}`).toEqual(expected);
        // The next switch writes the entry that the stopped one did not.
        await flip(store, THREE);
        expect((await told(store)).slice(0, -1), `step ${failing}, then another switch`).toEqual(expected);
        expect((await kept(store)).length, `step ${failing}, then another switch`).toBe(expected.length + 1);
      }
    }
  });
});

describe('two switches at once', () => {
  it('have one winner, whose pointer stays, and the other is told', async () => {
    const { store } = bucket();
    await flip(store, ONE);
    const current = await readPointer(store);
    const request = { ...asked, action: 'activate' as const, current };
    await switchVersion(store, TWO, request);
    await expect(switchVersion(store, THREE, request)).rejects.toThrow(
      'Somebody else switched a bucket at the same time; now it serves technova-attrition 2.0.0',
    );
    expect((await readPointer(store))?.pointer?.version).toBe('2.0.0');
    expect(await told(store)).toEqual(['activate 1.0.0 0', 'activate 2.0.0 0']);
    expect(await store.get(ACTIVE_POINTER_KEY)).not.toBeNull();
  });
});
