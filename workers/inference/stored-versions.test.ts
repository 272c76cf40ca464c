import { describe, expect, it, vi } from 'vitest';
import type { VersionId } from '../../common/contract/active-pointer.ts';
import type { BinaryContract } from '../../common/test/binary.ts';
import { bucket, readModel, renumber, storeVersion, TINY_MODEL } from '../test/models.ts';
import { loadStoredVersion } from './load-model.ts';
import type { LoadedVersion } from './loaded-version.ts';
import { StoredVersions } from './stored-versions.ts';

const tiny = await readModel(TINY_MODEL);
const { name } = tiny.contract;
const id = (version: string): VersionId => ({ name, version });

/** Versions that are loaded from nowhere, of graphs of `bytes`; a test sees which are loaded, and which were released. */
function madeUp(bytes = 1000) {
  const clock = { ms: 0 };
  const background: Promise<unknown>[] = [];
  const released: string[] = [];
  const load = vi.fn(async ({ version }: VersionId): Promise<LoadedVersion | null> => {
    const contract: BinaryContract = { ...tiny.contract, version, graph: { ...tiny.contract.graph, bytes } };
    return {
      predictor: {
        contract,
        contractJson: '',
        contractSha256: '',
        validate: () => ({ ok: false, violations: [] }),
        predict: async () => [],
      },
      release: async () => {
        released.push(version);
      },
    };
  });
  const versions = new StoredVersions({ load, now: () => clock.ms, keepAlive: (work) => background.push(work) });
  const use = (version: string, work: () => Promise<unknown> = async () => null) =>
    versions.use(id(version), async ({ contract }) => {
      await work();
      return contract.version;
    });
  const loads = () => load.mock.calls.map(([{ version }]) => version);
  return { clock, versions, use, load, loads, released, background };
}

describe('the stored versions', () => {
  it('are loaded once for all who wait for one, and stay loaded', async () => {
    const { use, loads } = madeUp();
    expect(await Promise.all(Array.from({ length: 20 }, () => use('1.0.0')))).toEqual(new Array(20).fill('1.0.0'));
    await use('1.0.0');
    expect(loads()).toEqual(['1.0.0']);
  });

  it('make room for each other: the one that was used longest ago goes', async () => {
    const { use, loads, released } = madeUp();
    for (const version of ['1.0.0', '2.0.0', '3.0.0', '1.0.0', '4.0.0']) await use(version);
    expect(released).toEqual(['2.0.0']);
    for (const version of ['1.0.0', '3.0.0', '4.0.0']) await use(version);
    expect(loads()).toEqual(['1.0.0', '2.0.0', '3.0.0', '4.0.0']);
    await use('2.0.0');
    expect(released).toEqual(['2.0.0', '1.0.0']);
  });

  it('are never more than there is room for, however many are asked for', async () => {
    const { use, loads, released } = madeUp();
    for (let i = 0; i < 50; i++) await use(`${i % 7}.0.0`);
    expect(loads().length - released.length).toBe(3);
    const large = madeUp(10 * 1024 * 1024);
    for (let i = 0; i < 10; i++) await large.use(`${i % 2}.0.0`);
    expect(large.loads().length - large.released.length).toBe(1);
  });

  it('make no more room than is needed', async () => {
    // Two of 7 MiB fit into 16 MiB, three do not.
    const { use, loads, released } = madeUp(7 * 1024 * 1024);
    for (const version of ['1.0.0', '2.0.0', '3.0.0']) await use(version);
    expect(released).toEqual(['1.0.0']);
    await use('2.0.0');
    expect(loads()).toEqual(['1.0.0', '2.0.0', '3.0.0']);
    const exact = madeUp(8 * 1024 * 1024);
    for (const version of ['1.0.0', '2.0.0']) await exact.use(version);
    expect(exact.released).toEqual([]);
  });

  it('are not released while they are in use', async () => {
    const { use, released, background } = madeUp();
    const { promise, resolve } = Promise.withResolvers<void>();
    const slow = use('1.0.0', () => promise);
    for (const version of ['2.0.0', '3.0.0', '4.0.0', '5.0.0']) await use(version);
    await Promise.all(background);
    expect(released).toEqual(['2.0.0']);
    resolve();
    expect(await slow).toBe('1.0.0');
    expect(released).toEqual(['2.0.0', '1.0.0']);
  });

  it('are each given to whoever asked, when many are asked for at once', async () => {
    const { use, loads, released } = madeUp();
    const asked = Array.from({ length: 60 }, (_, i) => `${i % 6}.0.0`);
    expect(await Promise.all(asked.map((version) => use(version)))).toEqual(asked);
    expect(loads().length - released.length).toBe(3);
  });

  it('are loaded one at a time', async () => {
    const { use, load } = madeUp();
    const made = load.getMockImplementation();
    let loading = 0;
    let most = 0;
    load.mockImplementation(async (which) => {
      most = Math.max(most, ++loading);
      await scheduler.wait(1);
      loading--;
      return (await made?.(which)) ?? null;
    });
    await Promise.all(['1.0.0', '2.0.0', '3.0.0'].map((version) => use(version)));
    expect(most).toBe(1);
  });

  it('that are not there are refused each time, and kept nowhere', async () => {
    const { use, load } = madeUp();
    load.mockResolvedValue(null);
    for (let i = 0; i < 3; i++) await expect(use('9.9.9')).rejects.toMatchObject({ code: 'not-found' });
    expect(load).toHaveBeenCalledTimes(3);
  });

  it('that cannot be loaded are refused, and tried again', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const { use, load } = madeUp();
    load.mockRejectedValueOnce(new Error('R2 is down'));
    await expect(use('1.0.0')).rejects.toMatchObject({ code: 'model-unavailable' });
    expect(await use('1.0.0')).toBe('1.0.0');
  });

  it('wait 20 s for a load before another one is started', async () => {
    const { clock, use, load, loads } = madeUp();
    const made = load.getMockImplementation();
    const { promise, resolve } = Promise.withResolvers<LoadedVersion | null>();
    load.mockImplementationOnce(() => promise);
    const first = use('1.0.0');
    clock.ms += 19_999;
    const second = use('1.0.0');
    resolve((await made?.(id('1.0.0'))) ?? null);
    expect([await first, await second]).toEqual(['1.0.0', '1.0.0']);
    expect(loads()).toEqual(['1.0.0']);
  });

  it('do not wait for a load that was cut off and will never settle, and take none that comes late', async () => {
    const { clock, use, load, released } = madeUp();
    const made = load.getMockImplementation();
    const { promise, resolve } = Promise.withResolvers<LoadedVersion | null>();
    load.mockImplementationOnce(() => promise);
    const cutOff = use('1.0.0');
    clock.ms += 20_000;
    expect(await use('1.0.0')).toBe('1.0.0');
    resolve((await made?.(id('1.0.0'))) ?? null);
    expect(await cutOff).toBe('1.0.0');
    expect(released).toEqual(['1.0.0']);
  });
});

describe('a version in R2', () => {
  const load = (version: string) => loadStoredVersion(bucket, id(version), []);

  it('is loaded without being the active one', async () => {
    await storeVersion(renumber(tiny, '7.0.0'));
    const loaded = await load('7.0.0');
    const [example] = tiny.contract.examples;
    const valid = loaded?.predictor.validate(example?.input);
    if (!valid?.ok) throw new Error('the example must be valid');
    expect(loaded?.predictor.contract.version).toBe('7.0.0');
    expect(await loaded?.predictor.predict([valid.values])).toEqual([expect.closeTo(example?.probability ?? 2, 6)]);
    await loaded?.release();
  });

  it('is none without its manifest, which is written last', async () => {
    await storeVersion(renumber(tiny, '7.0.1'));
    await bucket.delete(`models/${name}/7.0.1/manifest.json`);
    expect(await load('7.0.1')).toBeNull();
    expect(await load('7.0.2')).toBeNull();
  });

  it('is refused where a byte changed, or one of its files is gone', async () => {
    for (const [version, file] of [
      ['7.1.0', 'model.onnx'],
      ['7.1.1', 'contract.json'],
    ]) {
      await storeVersion(renumber(tiny, String(version)));
      const key = `models/${name}/${version}/${file}`;
      const bytes = new Uint8Array(await ((await bucket.get(key)) ?? new Response()).arrayBuffer());
      bytes[100] = (bytes[100] ?? 0) ^ 1;
      await bucket.put(key, bytes);
      await expect(load(String(version))).rejects.toThrow('is not what was published');
      await bucket.delete(key);
      await expect(load(String(version))).rejects.toThrow('is not in the bucket');
    }
  });

  it('is refused where its contract is that of another one', async () => {
    const other = renumber(tiny, '7.2.0');
    await storeVersion({ ...other, contract: { ...other.contract, version: '7.2.1' } });
    await expect(load('7.2.1')).rejects.toThrow('the contract is not that of');
  });
});
