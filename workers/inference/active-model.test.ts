import { describe, expect, it, vi } from 'vitest';
import type { FeatureValues } from '../../common/record/request-schema.ts';
import { createValidator } from '../../common/record/validation.ts';
import { ProblemError } from '../errors.ts';
import { activate, bucket, exampleInput, type ModelFiles, readModel, renumber } from '../test/models.ts';
import { TestSigner } from '../test/signer.ts';
import { ActiveModel } from './active-model.ts';
import { loadModel } from './load-model.ts';

/** An isolate's store with a clock that the test moves, counting the loads. */
function storeAt(start = 0) {
  const clock = { ms: start };
  const background: Promise<unknown>[] = [];
  const load = vi.fn((current: Parameters<typeof loadModel>[1]) => loadModel(bucket, current, 'test', []));
  const store = new ActiveModel({
    load,
    refreshMs: 15_000,
    now: () => clock.ms,
    keepAlive: (work) => background.push(work),
  });
  const current = () => store.use(async (predictor) => predictor);
  const version = async () => (await current()).contract.version;
  const settle = () => Promise.allSettled(background);
  return { clock, load, store, current, version, settle, background };
}

function validRecord(model: ModelFiles): FeatureValues {
  const validation = createValidator(model.contract)(exampleInput(model));
  if (!validation.ok) throw new Error('the example must be valid');
  return validation.values;
}

describe('the active model', () => {
  it('is loaded once for all who wait for it', async () => {
    const model = await readModel();
    await activate(model);
    const { load, current, background } = storeAt();
    const predictors = await Promise.all(Array.from({ length: 20 }, () => current()));
    expect(new Set(predictors).size).toBe(1);
    expect(load).toHaveBeenCalledTimes(1);
    // The load must outlive the request that started it.
    expect(background).toHaveLength(1);
    const record = validRecord(model);
    const probability = expect.closeTo(model.contract.examples[0]?.probability ?? Number.NaN, 6);
    expect(await predictors[0]?.predict([record, record])).toEqual([probability, probability]);
  });

  it('follows a flip after the refresh interval, while the old version keeps answering', async () => {
    const model = await readModel();
    await activate(model);
    const { clock, version, settle } = storeAt();
    expect(await version()).toBe('1.0.2');
    await activate(renumber(model, '1.1.0'));
    clock.ms += 14_999;
    expect(await version()).toBe('1.0.2');
    clock.ms += 1;
    expect(await version()).toBe('1.0.2');
    await settle();
    expect(await version()).toBe('1.1.0');
  });

  it('is asked for before an isolate answers that had nothing to do for long', async () => {
    const model = await readModel();
    await activate(model);
    const { clock, version } = storeAt();
    await version();
    await activate(renumber(model, '1.1.0'));
    clock.ms += 3_600_000;
    expect(await Promise.all([version(), version(), version()])).toEqual(['1.1.0', '1.1.0', '1.1.0']);
  });

  it.each([
    { idleMs: 24_999, answers: '1.0.2' },
    { idleMs: 25_000, answers: '1.1.0' },
  ])('is asked for first after 25 s, and beside the answer before: $idleMs ms', async ({ idleMs, answers }) => {
    const model = await readModel();
    await activate(model);
    const { clock, version, settle } = storeAt();
    await version();
    await activate(renumber(model, '1.1.0'));
    clock.ms += idleMs;
    expect(await version()).toBe(answers);
    await settle();
    expect(await version()).toBe('1.1.0');
  });

  it('answers after a long pause although the check fails, or takes longer than 3 s', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    await activate(await readModel());
    const { clock, load, store, version } = storeAt();
    await version();
    load.mockRejectedValueOnce(new Error('R2 is down'));
    clock.ms += 3_600_000;
    expect(await version()).toBe('1.0.2');
    // R2 being down says nothing of the version.
    expect(store.updateFailure()).toBeNull();
    load.mockImplementationOnce(() => new Promise(() => undefined));
    clock.ms += 3_600_000;
    const wait = vi.spyOn(scheduler, 'wait').mockResolvedValue();
    expect(await version()).toBe('1.0.2');
    expect(wait.mock.calls).toEqual([[3000]]);
  });

  it('stays loaded when another pointer names the same version', async () => {
    const model = await readModel();
    await activate(model);
    const { clock, load, current, settle } = storeAt();
    const first = await current();
    await activate(model);
    clock.ms += 15_000;
    await current();
    await settle();
    expect(load).toHaveBeenCalledTimes(2);
    expect(await current()).toBe(first);
  });

  it('does not read the model again while the pointer stays', async () => {
    await activate(await readModel());
    const { clock, current, settle } = storeAt();
    const first = await current();
    const get = vi.spyOn(bucket, 'get');
    clock.ms += 15_000;
    await current();
    await settle();
    expect(get.mock.calls.map(([key]) => key)).toEqual(['channels/active.json']);
    expect(await current()).toBe(first);
  });

  it('stays what it is when the next version cannot be loaded', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const model = await readModel();
    await activate(model);
    const { clock, load, store, version, settle } = storeAt();
    await version();
    await activate(renumber(model, '2.0.0'));
    await bucket.delete('models/technova-attrition/2.0.0/model.onnx');
    clock.ms += 15_000;
    await version();
    await settle();
    expect(await version()).toBe('1.0.2');
    expect(error).toHaveBeenCalledWith(expect.stringContaining('2.0.0/model.onnx is not in the bucket'));
    expect(store.updateFailure()).toEqual({ at: new Date(15_000), isUnsigned: false });
    expect(load).toHaveBeenCalledTimes(2);

    await activate(renumber(model, '2.0.1'));
    clock.ms += 15_000;
    await version();
    await settle();
    expect(await version()).toBe('2.0.1');
    expect(store.updateFailure()).toBeNull();
  });

  it('stays what it is when the next version is not signed, and says so', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const model = await readModel();
    const signer = new TestSigner('release');
    await activate(model);
    await signer.sign(model);
    const { clock, load, store, version, settle } = storeAt();
    const keys = [await signer.publicKey()];
    load.mockImplementation((current) => loadModel(bucket, current, 'test', keys));
    expect(await version()).toBe('1.0.2');
    await activate(renumber(model, '2.3.0'));
    clock.ms += 15_000;
    await version();
    await settle();
    expect(await version()).toBe('1.0.2');
    expect(store.updateFailure()).toEqual({ at: new Date(15_000), isUnsigned: true });
    const other = storeAt();
    other.load.mockImplementation((current) => loadModel(bucket, current, 'test', keys));
    await expect(other.version()).rejects.toMatchObject({ detail: expect.stringContaining('is not signed by a key') });

    await signer.sign(renumber(model, '2.3.0'));
    clock.ms += 15_000;
    await version();
    await settle();
    expect([await version(), store.updateFailure()]).toEqual(['2.3.0', null]);
  });

  it('says which versions may be asked for, and follows a pointer that changes nothing else', async () => {
    const model = await readModel();
    const { name } = model.contract;
    const beside = (version: string) => ({ alsoServing: [{ name, version }] });
    await activate(model, beside('0.8.0'));
    const { clock, store, current, settle } = storeAt();
    const first = await current();
    expect(await store.served()).toEqual([
      { name, version: '1.0.2' },
      { name, version: '0.8.0' },
    ]);
    await activate(model, beside('0.9.0'));
    clock.ms += 15_000;
    await store.served();
    await settle();
    expect(await store.served()).toEqual([
      { name, version: '1.0.2' },
      { name, version: '0.9.0' },
    ]);
    expect(await current()).toBe(first);

    // Also where the version of the pointer cannot be loaded, and the old one serves on.
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    await activate(renumber(model, '2.1.0'), beside('0.7.0'));
    await bucket.delete('models/technova-attrition/2.1.0/model.onnx');
    clock.ms += 15_000;
    await store.served();
    await settle();
    expect((await store.served()).map(({ version }) => version)).toEqual(['1.0.2', '2.1.0', '0.7.0']);
  });

  it.each(['by a pointer to nothing', 'although the next one cannot be loaded'])(
    'stops serving when it is withdrawn: %s',
    async (how) => {
      vi.spyOn(console, 'error').mockImplementation(() => undefined);
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
      const model = await readModel();
      const { name, version } = model.contract;
      await activate(model);
      const { clock, store, current, settle } = storeAt();
      await current();
      if (how === 'by a pointer to nothing') await activate(model, { action: 'withdraw' });
      else {
        const withdrawal = { withdrawnAt: new Date().toISOString(), withdrawnBy: 'test', reason: 'unfair' };
        await activate(renumber(model, '2.2.0'), { withdrawn: [{ name, version, ...withdrawal }] });
        await bucket.delete('models/technova-attrition/2.2.0/model.onnx');
      }
      clock.ms += 15_000;
      await current();
      await settle();
      await expect(current()).rejects.toMatchObject({ code: 'model-unavailable' });
      expect(warn).toHaveBeenCalledWith(expect.stringContaining('model version withdrawn'));
      expect((await store.served()).map((it) => it.version)).not.toContain(version);

      await activate(renumber(model, '1.1.0'));
      clock.ms += 1000;
      expect((await current()).contract.version).toBe('1.1.0');
    },
  );

  it('keeps one version for the whole of a request, and releases it after the last one', async () => {
    const model = await readModel();
    await activate(model);
    const { clock, load, store, version, settle } = storeAt();
    await version();
    const old = await load.mock.results[0]?.value;
    const release = vi.spyOn(old, 'release');
    const record = validRecord(model);

    const slow = Promise.withResolvers<void>();
    const request = store.use(async (predictor) => {
      await slow.promise;
      return { version: predictor.contract.version, probabilities: await predictor.predict([record]) };
    });
    await activate(renumber(model, '3.0.0'));
    clock.ms += 15_000;
    await version();
    await settle();
    expect(await version()).toBe('3.0.0');
    expect(release).not.toHaveBeenCalled();
    slow.resolve();
    expect(await request).toEqual({
      version: '1.0.2',
      probabilities: [expect.closeTo(model.contract.examples[0]?.probability ?? Number.NaN, 6)],
    });
    expect(release).toHaveBeenCalledTimes(1);
    await settle();
    await expect(old.predictor.predict([record])).rejects.toThrow();
    expect(await store.use(({ predict }) => predict([record]))).toHaveLength(1);
  });

  it('is not asked of R2 more than once a second while it cannot be loaded', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    await bucket.delete('channels/active.json');
    const { clock, load, current } = storeAt();
    for (let i = 0; i < 5; i++) await expect(current()).rejects.toThrow(ProblemError);
    expect(load).toHaveBeenCalledTimes(1);
    await activate(await readModel());
    clock.ms += 999;
    await expect(current()).rejects.toThrow(ProblemError);
    expect(load).toHaveBeenCalledTimes(1);
    clock.ms += 1;
    expect((await current()).contract.version).toBe('1.0.2');
  });

  it('is loaded anew when a load was cut off and will never settle', async () => {
    await activate(await readModel());
    const { clock, load, version } = storeAt();
    load.mockImplementationOnce(() => new Promise(() => undefined));
    const cutOff = version();
    clock.ms += 20_000;
    expect(await version()).toBe('1.0.2');
    expect(await Promise.race([cutOff, 'still waiting'])).toBe('still waiting');
  });

  it('is not replaced by a load that was given up and ends late', async () => {
    const model = await readModel();
    await activate(model);
    const { clock, load, version } = storeAt();
    const late = await loadModel(bucket, null, 'test', []);
    const release = vi.spyOn(late, 'release');
    const { promise, resolve } = Promise.withResolvers<typeof late>();
    load.mockImplementationOnce(() => promise);
    const first = version();
    await activate(renumber(model, '1.1.0'));
    clock.ms += 20_000;
    expect(await version()).toBe('1.1.0');
    resolve(late);
    expect(await first).toBe('1.1.0');
    expect(await version()).toBe('1.1.0');
    expect(release).toHaveBeenCalledTimes(1);
  });
});
