import { readFile } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { modelKey } from '../../../common/contract/model-version.ts';
import { attrition } from '../../../common/test/contracts.ts';
import { createMemoryStore, type MemoryStore } from '../../../tests/kit/memory-store.ts';
import { noProgressBar } from '../progress-bar.ts';
import { type ModelFolder, readModelFolder } from './model-folder.ts';
import { findVersion, listVersions, readVersion, storeVersion } from './stored-versions.ts';

const { name, version } = attrition;
const FILES = ['model.onnx', 'contract.json', 'README.md', 'signature.json'];
const keyOf = (file: string) => `models/${name}/${version}/${file}`;

let store: MemoryStore;
let model: ModelFolder;
beforeEach(async () => {
  store = createMemoryStore();
  model = { ...(await readModelFolder('model')), signature: Buffer.from('{"signed":true}') };
});
const storeIt = () => storeVersion(store, model, 'a test', noProgressBar);

/** A look at each file, and its put; the manifest's put. */
const CALLS = [
  ...FILES.flatMap((file) => [`get ${keyOf(file)}`, `put ${keyOf(file)}`]),
  `put ${keyOf('manifest.json')}`,
];

describe('storing a version', () => {
  it('puts its manifest last', async () => {
    expect(await storeIt()).toBe('stored');
    expect(store.calls).toEqual(CALLS);
    expect(await listVersions(store)).toEqual([{ name, version }]);
    expect(Buffer.from((await readVersion(store, name, version)).files['model.onnx'])).toEqual(
      await readFile('model/model.onnx'),
    );
  });

  describe.each(['before', 'after'] as const)('that fails %s a call took effect', (when) => {
    it.each(CALLS.map((call, at) => ({ call, at })))('is no version, or a whole one ($call)', async ({ at }) => {
      store.failAt(at, when);
      await expect(storeIt()).rejects.toThrow();
      const isWhole = at === CALLS.length - 1 && when === 'after';
      expect(await listVersions(store)).toEqual(isWhole ? [{ name, version }] : []);
      if (!isWhole) await expect(readVersion(store, name, version)).rejects.toThrow('is not (completely) in');
      // The next run completes it.
      expect(await storeIt()).toBe(isWhole ? 'already stored' : 'stored');
      expect((await readVersion(store, name, version)).signature).toEqual(model.signature);
    });
  });

  it.each(FILES)('never replaces other bytes of %s, also of a version that is not whole', async (file) => {
    const other = { bytes: Buffer.from('other'), etag: 'other' };
    store.objects.set(keyOf(file), other);
    await expect(storeIt()).rejects.toThrow(`${keyOf(file)} is already in ${store.name} with other bytes`);
    expect(store.objects.get(keyOf(file))).toBe(other);
    expect(await listVersions(store)).toEqual([]);
  });

  it.each(FILES)('finds the same bytes of %s where another run was faster, and refuses others', async (file) => {
    const bytes = file === 'signature.json' ? model.signature : await readFile(`model/${file}`);
    store.rival(keyOf(file), bytes ?? Buffer.from(''));
    expect(await storeIt()).toBe('stored');
    store = createMemoryStore();
    store.rival(keyOf(file), Buffer.from('other'));
    await expect(storeIt()).rejects.toThrow('a stored version never changes');
  });
});

describe('a version that is read back', () => {
  it.each(['model.onnx', 'contract.json', 'README.md'] as const)(
    'is refused where one byte of %s changed',
    async (file) => {
      await storeIt();
      const bytes = Uint8Array.from(store.objects.get(keyOf(file))?.bytes ?? []);
      bytes.set([(bytes.at(-1) ?? 0) ^ 1], bytes.length - 1);
      store.objects.set(modelKey(name, version, file), { bytes, etag: 'changed' });
      await expect(readVersion(store, name, version)).rejects.toThrow(`${keyOf(file)} in ${store.name} was changed`);
      store.objects.delete(keyOf(file));
      await expect(readVersion(store, name, version)).rejects.toThrow(`${keyOf(file)} is missing`);
    },
  );

  it('is refused where its manifest seals a graph other than that of its contract', async () => {
    // Each file is what the manifest says, and they do not belong together.
    model.files['model.onnx'] = Buffer.from('another graph');
    await storeIt();
    await expect(readVersion(store, name, version)).rejects.toThrow('is not the graph that its contract describes');
  });

  it('is found by its number, where one model alone has it', async () => {
    const manifest = (model: string, number: string) =>
      store.objects.set(`models/${model}/${number}/manifest.json`, { bytes: Buffer.from('{}'), etag: 'm' });
    for (const number of ['1.2.0', '1.10.0', '1.9.0']) manifest('b', number);
    manifest('a', '1.2.0');
    expect((await listVersions(store)).map((it) => `${it.name} ${it.version}`)).toEqual([
      'a 1.2.0',
      'b 1.10.0',
      'b 1.9.0',
      'b 1.2.0',
    ]);
    expect(await findVersion(store, '1.9.0')).toEqual({ name: 'b', version: '1.9.0' });
    expect(await findVersion(store, '1.2.0', 'a')).toEqual({ name: 'a', version: '1.2.0' });
    await expect(findVersion(store, '1.2.0')).rejects.toThrow('--name');
    await expect(findVersion(store, '2.0.0')).rejects.toThrow('Mirror it first');
    await expect(findVersion(store, '1.9.0', 'a')).rejects.toThrow('Mirror it first');
  });
});
