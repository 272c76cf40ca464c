import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ACTIVE_POINTER_KEY, rollbackTargets } from '../../../common/contract/active-pointer.ts';
import { attrition } from '../../../common/test/contracts.ts';
import { createMemoryStore, type MemoryStore } from '../../../tests/kit/memory-store.ts';
import { readHistory, readPointer, switchVersion, withdrawVersion } from './active-version.ts';
import type { ModelFolder } from './model-folder.ts';
import { storeVersion } from './stored-versions.ts';

const NOW = Date.parse('2026-03-01T12:00:00.000Z');

let store: MemoryStore;
beforeEach(() => {
  store = createMemoryStore();
  vi.useFakeTimers({ now: NOW, toFake: ['Date'] });
});
afterEach(() => vi.useRealTimers());

function versionOf(version: string): ModelFolder {
  const contract = { ...attrition, version };
  const files = { 'model.onnx': Buffer.from('graph'), 'README.md': Buffer.from('card') };
  return { contract, files: { ...files, 'contract.json': Buffer.from(JSON.stringify(contract)) }, signature: null };
}

/** Switches as the commands do: it reads the pointer, and decides on that. */
async function flip(version: string, action: 'activate' | 'rollback' = 'activate') {
  const current = await readPointer(store);
  return switchVersion(store, versionOf(version), { action, by: 'ann', reason: version, current });
}

const active = async () => (await readPointer(store))?.pointer?.version ?? null;
const history = async () => (await readHistory(store)).map(({ version }) => version);

/** The calls of a flip between two others: a read, the entry of the flip before, the pointer, the entry of this flip. */
const CALLS = [0, 1, 2, 3];

describe('a flip', () => {
  it('names the version by both digests, and who switched to it, when and why', async () => {
    const { pointer } = await flip('1.0.0');
    expect(pointer).toMatchObject({
      version: '1.0.0',
      graphSha256: attrition.graph.sha256,
      activatedBy: 'ann',
      reason: '1.0.0',
      activatedAt: '2026-03-01T12:00:00.000Z',
      from: null,
    });
    expect(pointer.contractSha256).not.toBe(pointer.graphSha256);
    expect((await flip('2.0.0')).pointer.from).toEqual({ name: attrition.name, version: '1.0.0' });
  });

  it('makes so many calls, and puts the pointer before the entry that says it was put', async () => {
    await flip('1.0.0');
    store.calls.length = 0;
    await flip('2.0.0');
    const entry = (time: string, version: string) =>
      `put channels/history/2026-03-01T12-00-00-${time}Z-${version}.json`;
    expect(store.calls).toEqual([
      `get ${ACTIVE_POINTER_KEY}`,
      entry('000', '1.0.0'),
      `put ${ACTIVE_POINTER_KEY}`,
      entry('001', '2.0.0'),
    ]);
    expect(store.calls).toHaveLength(CALLS.length);
  });

  describe.each(['before', 'after'] as const)('that fails %s a call took effect', (when) => {
    it.each(CALLS)('leaves one version serving, and the history whole (call %i)', async (call) => {
      await flip('1.0.0');
      store.failAt(call, when);
      await expect(flip('2.0.0')).rejects.toThrow();
      // The pointer is the third call.
      const isSwitched = call > 2 || (call === 2 && when === 'after');
      expect(await active()).toBe(isSwitched ? '2.0.0' : '1.0.0');
      const seen = isSwitched ? ['1.0.0', '2.0.0'] : ['1.0.0'];
      // No entry names a version that never served: a rollback would go to it.
      expect(await history()).toEqual(seen);
      await flip('3.0.0');
      expect(await history()).toEqual([...seen, '3.0.0']);
      expect(rollbackTargets(await readHistory(store)).map(({ version }) => version)).toEqual(seen.toReversed());
    });

    it.each(CALLS)('forgets no version where the one before was stopped, too (call %i)', async (call) => {
      await flip('1.0.0');
      store.failAt(3, 'before');
      await expect(flip('2.0.0')).rejects.toThrow();
      store.failAt(call, when);
      await expect(flip('3.0.0')).rejects.toThrow();
      await flip('4.0.0');
      const isSwitched = call > 2 || (call === 2 && when === 'after');
      expect(await history()).toEqual(['1.0.0', '2.0.0', ...(isSwitched ? ['3.0.0'] : []), '4.0.0']);
    });
  });

  it('is refused where somebody else switched since it read the pointer', async () => {
    await flip('1.0.0');
    const current = await readPointer(store);
    await flip('2.0.0');
    const late = switchVersion(store, versionOf('3.0.0'), { action: 'activate', by: 'bob', reason: '', current });
    await expect(late).rejects.toThrow(`now it serves ${attrition.name} 2.0.0`);
    expect([await active(), await history()]).toEqual(['2.0.0', ['1.0.0', '2.0.0']]);
  });

  it('is refused where somebody else was the first to activate a version', async () => {
    await flip('1.0.0');
    const late = switchVersion(store, versionOf('3.0.0'), { action: 'activate', by: 'bob', reason: '', current: null });
    await expect(late).rejects.toThrow('Nothing was changed');
    expect(await history()).toEqual(['1.0.0']);
  });

  it('is done where the store refuses it because an earlier attempt, whose answer got lost, was stored', async () => {
    await flip('1.0.0');
    const current = await readPointer(store);
    const pointer = { ...current?.pointer, ...(await flipElsewhere('2.0.0')) };
    store.rival(ACTIVE_POINTER_KEY, Buffer.from(JSON.stringify(pointer, null, 2)));
    const switched = await flip('2.0.0');
    expect([switched.pointer.version, switched.etag]).toEqual(['2.0.0', (await readPointer(store))?.etag]);
    expect(await history()).toEqual(['1.0.0', '2.0.0']);
  });

  it('comes later in the history than the one before, also from a machine whose clock is late', async () => {
    await flip('2.0.0');
    vi.setSystemTime(NOW - 3_600_000);
    await flip('1.0.0');
    await flip('3.0.0');
    expect(await history()).toEqual(['2.0.0', '1.0.0', '3.0.0']);
  });

  it('replaces a pointer that is malformed', async () => {
    store.objects.set(ACTIVE_POINTER_KEY, { bytes: Buffer.from('{'), etag: 'broken' });
    vi.spyOn(console, 'error').mockReturnValue();
    expect((await flip('1.0.0')).pointer.from).toBeNull();
    expect(await active()).toBe('1.0.0');
  });
});

/** The pointer that a flip would put now, made in another store. */
async function flipElsewhere(version: string) {
  const [here, elsewhere] = [store, createMemoryStore()];
  for (const [key, object] of here.objects) elsewhere.objects.set(key, object);
  store = elsewhere;
  try {
    return (await flip(version)).pointer;
  } finally {
    store = here;
  }
}

describe('a withdrawal', () => {
  const withdraw = async (version: string) =>
    withdrawVersion(
      store,
      { name: attrition.name, version },
      { by: 'ann', reason: 'bad', current: await readPointer(store) },
    );
  const startBar = () => ({ update: () => undefined, done: () => undefined });
  it('of another version leaves the active one, and names the withdrawn one', async () => {
    await flip('1.0.0');
    await flip('2.0.0');
    const { pointer } = await withdraw('1.0.0');
    expect(pointer).toMatchObject({ version: '2.0.0', action: 'activate', withdrawn: [{ version: '1.0.0' }] });
  });

  it('is kept by every later flip', async () => {
    await flip('1.0.0');
    await flip('2.0.0');
    await withdraw('1.0.0');
    expect((await flip('3.0.0')).pointer.withdrawn?.map(({ version }) => version)).toEqual(['1.0.0']);
  });

  // A read of the pointer and of the manifest; then as in a flip.
  const calls = [0, 1, 2, 3, 4];

  it('makes so many calls', async () => {
    await storeVersion(store, versionOf('2.0.0'), 'here', startBar);
    await flip('2.0.0');
    store.calls.length = 0;
    await withdraw('2.0.0');
    expect(store.calls).toHaveLength(calls.length);
  });

  describe.each(['before', 'after'] as const)('of the active version, that fails %s a call took effect', (when) => {
    it.each(calls)('is whole, or did not happen (call %i)', async (call) => {
      await storeVersion(store, versionOf('2.0.0'), 'here', startBar);
      await flip('1.0.0');
      await flip('2.0.0');
      store.failAt(call, when);
      await expect(withdraw('2.0.0')).rejects.toThrow();
      const isWithdrawn = call > 3 || (call === 3 && when === 'after');
      const pointer = (await readPointer(store))?.pointer;
      expect([pointer?.action, pointer?.withdrawn?.length]).toEqual(isWithdrawn ? ['withdraw', 1] : ['activate', 0]);
      await flip('3.0.0');
      expect((await readHistory(store)).map(({ action }) => action)).toEqual([
        'activate',
        'activate',
        ...(isWithdrawn ? ['withdraw'] : []),
        'activate',
      ]);
    });
  });
});
