import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ACTIVE_POINTER_KEY, ActivePointer } from '../../common/contract/active-pointer.ts';
import type { BinaryContract } from '../../common/test/binary.ts';
import { writeField, writeMessage, writeText } from '../../onnx/onnx-fields.ts';
import { runtimeKind, switchTo } from '../../onnx/switchable-runtime.ts';
import { sha256Hex } from '../sha256.ts';
import { activate, bucket, type ModelFiles, readModel, renumber } from '../test/models.ts';
import { TestSigner } from '../test/signer.ts';
import { loadModel } from './load-model.ts';
import { UnsignedVersion } from './loaded-version.ts';

/** An upload that no other test has copies of. */
const WORKER = crypto.randomUUID();

let model: ModelFiles;
beforeAll(async () => {
  model = await readModel();
});

/** The model under another number, with a contract that `change` has changed. */
function changed(version: string, change: (contract: BinaryContract) => void): ModelFiles {
  const contract = structuredClone(renumber(model, version).contract);
  change(contract);
  return { ...model, contract, contractJson: JSON.stringify(contract) };
}

const down: R2Bucket = new Proxy(bucket, { get: () => () => Promise.reject(new Error('R2 is down')) });

describe('loadModel', () => {
  it('serves nothing that was withdrawn', async () => {
    await activate(model);
    const pointer = ActivePointer.parse(await (await bucket.get(ACTIVE_POINTER_KEY))?.json());
    await bucket.put(ACTIVE_POINTER_KEY, JSON.stringify({ ...pointer, action: 'withdraw' }));
    await expect(loadModel(bucket, null, WORKER, [])).rejects.toThrow('1.0.2 was withdrawn');
  });

  it('does not serve what was withdrawn from a copy while R2 is down', async () => {
    const upload = crypto.randomUUID();
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    await activate(renumber(model, '5.0.6'));
    await loadModel(bucket, null, upload, []);
    await activate(renumber(model, '5.0.6'), { action: 'withdraw' });
    await expect(loadModel(bucket, null, upload, [])).rejects.toThrow('was withdrawn');
    await vi.waitFor(() => expect(loadModel(down, null, upload, [])).rejects.toThrow('5.0.6 was withdrawn'));
  });

  it('reads the files of a version once from R2, then from the cache', async () => {
    await activate(renumber(model, '5.0.0'));
    await loadModel(bucket, null, WORKER, []);
    const get = vi.spyOn(bucket, 'get');
    await vi.waitFor(async () => {
      get.mockClear();
      await loadModel(bucket, null, WORKER, []);
      expect(get.mock.calls.map(([key]) => key)).toEqual([ACTIVE_POINTER_KEY]);
    });
  });

  it('keeps the golden case that it replays, and gives out the contract as it was published', async () => {
    const version = renumber(model, '5.0.5');
    await activate(version);
    const { predictor } = await loadModel(bucket, null, WORKER, []);
    expect(version.contract.golden.length).toBeGreaterThan(1);
    expect(predictor.contract).toEqual({ ...version.contract, golden: version.contract.golden.slice(0, 1) });
    expect(predictor.contractJson).toBe(version.contractJson);
  });

  it('does not trust the cache', async () => {
    const version = renumber(model, '5.0.1');
    await activate(version);
    const address = `https://models.invalid/models/technova-attrition/5.0.1/model.onnx?sha256=${version.contract.graph.sha256}`;
    await caches.default.put(address, new Response('forged', { headers: { 'cache-control': 'public, max-age=600' } }));
    const { predictor } = await loadModel(bucket, null, WORKER, []);
    expect(predictor.contract.version).toBe('5.0.1');
  });

  it('serves what it last read where R2 is down, and only to the same upload', async () => {
    const upload = crypto.randomUUID();
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    await activate(renumber(model, '5.0.2'));
    const loaded = await loadModel(bucket, null, upload, []);
    await vi.waitFor(async () => {
      const copied = await loadModel(down, null, upload, []);
      expect([copied.predictor.contract.version, copied.etag]).toEqual(['5.0.2', loaded.etag]);
    });
    expect(warn.mock.calls.flat().join()).toContain('R2 is down');
    await expect(loadModel(down, null, 'another', [])).rejects.toThrow('R2 is down');
    // Who serves already goes on with what is loaded.
    await expect(loadModel(down, loaded, upload, [])).rejects.toThrow('R2 is down');
  });

  it('copies no pointer whose version cannot be loaded, and takes none where R2 answers', async () => {
    const upload = crypto.randomUUID();
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    await activate(renumber(model, '5.0.3'));
    await loadModel(bucket, null, upload, []);
    const broken = renumber(model, '5.0.4');
    await activate(broken);
    await bucket.delete('models/technova-attrition/5.0.4/contract.json');
    await expect(loadModel(bucket, null, upload, [])).rejects.toThrow('cannot be loaded');
    await vi.waitFor(async () =>
      expect((await loadModel(down, null, upload, [])).predictor.contract.version).toBe('5.0.3'),
    );
    const empty: R2Bucket = new Proxy(bucket, { get: () => async () => null });
    await expect(loadModel(empty, null, upload, [])).rejects.toThrow('no model is active');
  });

  it.each([
    [
      'whose output has another name',
      () => changed('5.1.0', ({ graph }) => Object.assign(graph, { output: 'score' })),
      'output "score"',
    ],
    [
      'whose input has another name',
      () => changed('5.1.1', ({ graph }) => Object.assign(graph.inputs[0] ?? {}, { name: 'text' })),
      'input "text"',
    ],
    [
      'that computes something else',
      () => changed('5.1.2', ({ golden }) => Object.assign(golden[0] ?? {}, { probability: 0.999 })),
      'golden case 0',
    ],
  ])('refuses a graph %s', async (_title, version, said) => {
    await activate(version());
    await expect(loadModel(bucket, null, WORKER, [])).rejects.toMatchObject({
      cause: { message: expect.stringContaining(said) },
    });
  });

  it('refuses a graph that is not that of the contract, though the pointer names it', async () => {
    const version = renumber(model, '5.2.2');
    await activate(version);
    const pointer = ActivePointer.parse(await (await bucket.get(ACTIVE_POINTER_KEY))?.json());
    // One more field at its end, which ONNX has no meaning for: another graph, as valid as the first.
    const graph = new Uint8Array([...version.graph, 0x9a, 0x06, 0x00]);
    await bucket.put('models/technova-attrition/5.2.2/model.onnx', graph);
    const graphSha256 = await sha256Hex(graph);
    await bucket.put(ACTIVE_POINTER_KEY, JSON.stringify({ ...pointer, graphSha256 }));
    await expect(loadModel(bucket, null, WORKER, [])).rejects.toMatchObject({
      cause: { message: expect.stringContaining('the contract is not that of') },
    });
  });

  it('refuses a contract that is not that of the version which the pointer names', async () => {
    const version = renumber(model, '5.2.0');
    await activate(version);
    const pointer = ActivePointer.parse(await (await bucket.get(ACTIVE_POINTER_KEY))?.json());
    for (const file of ['contract.json', 'model.onnx']) {
      const object = await bucket.get(`models/technova-attrition/5.2.0/${file}`);
      await bucket.put(`models/technova-attrition/5.2.1/${file}`, (await object?.arrayBuffer()) ?? '');
    }
    await bucket.put(ACTIVE_POINTER_KEY, JSON.stringify({ ...pointer, version: '5.2.1' }));
    await expect(loadModel(bucket, null, WORKER, [])).rejects.toMatchObject({
      cause: { message: expect.stringContaining('the contract is not that of') },
    });
  });
});

/** The model with twenty nodes more, which its answers do not depend on: the slim runtime cannot load as many. */
async function lengthen(version: ModelFiles): Promise<ModelFiles> {
  const nodes = Array.from({ length: 20 }, (_, i) =>
    // ModelProto.graph, GraphProto.node; NodeProto.input, output and op_type.
    writeField(
      7,
      writeField(
        1,
        writeMessage(
          writeText(1, i === 0 ? 'numeric' : `more${i}`),
          writeText(2, `more${i + 1}`),
          writeText(4, 'Relu'),
        ),
      ),
    ),
  );
  const graph = writeMessage(version.graph, ...nodes);
  const { contract } = version;
  const changed = { ...contract, graph: { ...contract.graph, sha256: await sha256Hex(graph), bytes: graph.length } };
  return { contract: changed, contractJson: JSON.stringify(changed), graph };
}

describe('a version that the slim runtime cannot run', () => {
  // The test runner takes seconds to hand over a module of several megabytes.
  beforeAll(() => switchTo('full'), 120_000);
  beforeEach(() => switchTo('slim'));
  afterAll(() => switchTo('slim'));
  const loadedKinds = (log: { mock: { calls: unknown[][] } }) =>
    log.mock.calls.map(([line]) => String(line)).filter((line) => line.includes('full ONNX runtime started'));

  it('runs on the full one, and that is logged once; a version that is in memory answers as before', async () => {
    await activate(renumber(model, '5.8.0'));
    const before = await loadModel(bucket, null, WORKER, []);
    const records = model.contract.golden.slice(0, 50).map(({ values }) => values);
    const expected = await before.predictor.predict(records);
    expect(runtimeKind()).toBe('slim');

    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    await activate(await lengthen(renumber(model, '5.8.1')));
    const [after, during] = await Promise.all([
      loadModel(bucket, null, WORKER, []),
      Promise.all(Array.from({ length: 5 }, () => before.predictor.predict(records))),
    ]);
    expect(runtimeKind()).toBe('full');
    expect(loadedKinds(warn)).toEqual([expect.stringContaining('the slim one lacks a function')]);
    expect(await after.predictor.predict(records)).toEqual(expected);
    expect(during).toEqual(Array.from({ length: 5 }, () => expected));
    expect(await before.predictor.predict(records)).toEqual(expected);
    await Promise.all([after.release(), before.release()]);
  });

  it('starts with the full one where its pointer says so', async () => {
    const [info, warn] = [vi.spyOn(console, 'info'), vi.spyOn(console, 'warn')];
    await activate(await lengthen(renumber(model, '5.8.2')), { runtime: 'full' });
    const { predictor, release } = await loadModel(bucket, null, WORKER, []);
    expect(predictor.contract.version).toBe('5.8.2');
    expect(loadedKinds(info)).toEqual([expect.stringContaining('the version is marked')]);
    expect(loadedKinds(warn)).toEqual([]);
    await release();
  });
});

describe('a version of an environment that names signing keys', () => {
  const one = new TestSigner('release-1');
  const two = new TestSigner('release-2');
  const known = async () => [await one.publicKey(), await two.publicKey()];
  const load = async (which: R2Bucket = bucket) => loadModel(which, null, crypto.randomUUID(), await known());
  const refused = (said: string) => ({ cause: { message: expect.stringContaining(said) } });

  it('is loaded where one of them signed it, and asked for another signature only where the first is wrong', async () => {
    for (const signer of [one, two]) {
      const version = renumber(model, signer === one ? '5.3.0' : '5.3.1');
      await activate(version);
      await signer.sign(version);
      expect((await load()).predictor.contract.version).toBe(version.contract.version);
    }
  });

  it('is not loaded unsigned, signed by another key, or signed wrongly, from R2 or from a copy', async () => {
    const version = renumber(model, '5.4.0');
    await activate(version);
    const key = 'models/technova-attrition/5.4.0/signature.json';
    await expect(load()).rejects.toMatchObject(refused('5.4.0 may not serve: it has no signature.json'));
    await expect(load()).rejects.toMatchObject({ cause: expect.any(UnsignedVersion) });
    const stranger = new TestSigner('stranger');
    await stranger.sign(version);
    await expect(load()).rejects.toMatchObject(refused('by the key "stranger", and not by "release-1" or "release-2"'));
    // A key of the same name.
    await new TestSigner('release-1').sign(version);
    await expect(load()).rejects.toMatchObject(refused('its signature is not that of the key "release-1"'));
    // The signature of another version, whose contract has the same bytes but for the number.
    const other = renumber(model, '5.4.1');
    await one.sign(other);
    const object = await bucket.get('models/technova-attrition/5.4.1/signature.json');
    await bucket.put(key, (await object?.text()) ?? '');
    await expect(load()).rejects.toMatchObject(refused('is not that of the key "release-1"'));
    await bucket.put(key, '{');
    await expect(load()).rejects.toMatchObject(refused('its signature.json is malformed'));
    const { contractSha256 } = ActivePointer.parse(await (await bucket.get(ACTIVE_POINTER_KEY))?.json());
    const headers = { 'cache-control': 'public, max-age=600' };
    await caches.default.put(
      `https://models.invalid/${key}?contract=${contractSha256}`,
      new Response('forged', { headers }),
    );
    await one.sign(version);
    expect((await load()).predictor.contract.version).toBe('5.4.0');
  });

  it('is not loaded with a contract that was changed together with the pointer', async () => {
    const version = renumber(model, '5.5.0');
    await one.sign(version);
    await activate(changed('5.5.0', ({ output }) => Object.assign(output, { threshold: 0.001 })));
    await expect(load()).rejects.toMatchObject(refused('its signature is not that of the key "release-1"'));
    await activate(version);
    expect((await load()).predictor.contract.output).toEqual(model.contract.output);
  });

  it('is loaded from the copies while R2 is down, the signature too', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const upload = crypto.randomUUID();
    const version = renumber(model, '5.6.0');
    await activate(version);
    await one.sign(version);
    await loadModel(bucket, null, upload, await known());
    await vi.waitFor(async () =>
      expect((await loadModel(down, null, upload, await known())).predictor.contract.version).toBe('5.6.0'),
    );
    await expect(loadModel(down, null, upload, [await two.publicKey()])).rejects.toThrow('5.6.0 cannot be loaded');
  });
});
