import { describe, expect, it, vi } from 'vitest';
import { ProblemError } from '../errors.ts';
import { activate, bucket, exampleInput, readModel, renumber } from '../test/models.ts';
import { ActiveModel } from './active-model.ts';
import { loadModel } from './load-model.ts';

/** An isolate's store with a clock that the test moves, counting the loads. */
function storeAt(start = 0) {
  const clock = { ms: start };
  const background: Promise<unknown>[] = [];
  const load = vi.fn((current: Parameters<typeof loadModel>[1]) => loadModel(bucket, current));
  const store = new ActiveModel({
    load,
    refreshMs: 15_000,
    now: () => clock.ms,
    keepAlive: (work) => background.push(work),
  });
  const version = async () => (await store.current()).contract.version;
  const settle = () => Promise.allSettled(background);
  return { clock, load, store, version, settle };
}

describe('the active model', () => {
  it('is loaded once for all who wait for it', async () => {
    const model = await readModel();
    await activate(model);
    const { load, store } = storeAt();
    const predictors = await Promise.all(Array.from({ length: 20 }, () => store.current()));
    expect(new Set(predictors).size).toBe(1);
    expect(load).toHaveBeenCalledTimes(1);
    const [predictor] = predictors;
    const validation = predictor?.validate(exampleInput(model));
    if (!predictor || !validation?.ok) throw new Error('the example must be valid');
    expect(await predictor.predict([validation.record, validation.record])).toEqual([
      expect.closeTo(model.contract.examples[0]?.probability ?? Number.NaN, 6),
      expect.closeTo(model.contract.examples[0]?.probability ?? Number.NaN, 6),
    ]);
  });

  it('follows a flip after the refresh interval, while the old version keeps answering', async () => {
    const model = await readModel();
    await activate(model);
    const { clock, version, settle } = storeAt();
    expect(await version()).toBe('1.0.0');
    await activate(renumber(model, '1.1.0'));
    clock.ms += 14_999;
    expect(await version()).toBe('1.0.0');
    clock.ms += 1;
    expect(await version()).toBe('1.0.0');
    await settle();
    expect(await version()).toBe('1.1.0');
  });

  it('does not read the model again while the pointer stays', async () => {
    await activate(await readModel());
    const { clock, store, settle } = storeAt();
    const first = await store.current();
    const get = vi.spyOn(bucket, 'get');
    clock.ms += 15_000;
    await store.current();
    await settle();
    expect(get.mock.calls.map(([key]) => key)).toEqual(['channels/active.json']);
    expect(await store.current()).toBe(first);
  });

  it('stays what it is when the next version cannot be loaded', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const model = await readModel();
    await activate(model);
    const { clock, version, settle } = storeAt();
    await version();
    await activate(renumber(model, '2.0.0'));
    await bucket.delete('models/technova-attrition/2.0.0/model.onnx');
    clock.ms += 15_000;
    await version();
    await settle();
    expect(await version()).toBe('1.0.0');
    expect(error).toHaveBeenCalledWith(expect.stringContaining('2.0.0/model.onnx is not in the bucket'));
  });

  it('is not asked of R2 more than once a second while it cannot be loaded', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    await bucket.delete('channels/active.json');
    const { clock, load, store } = storeAt();
    for (let i = 0; i < 5; i++) await expect(store.current()).rejects.toThrow(ProblemError);
    expect(load).toHaveBeenCalledTimes(1);
    await activate(await readModel());
    clock.ms += 1000;
    expect((await store.current()).contract.version).toBe('1.0.0');
  });

  it('is loaded anew when a load was cut off and will never settle', async () => {
    await activate(await readModel());
    const { clock, load, version } = storeAt();
    load.mockImplementationOnce(() => new Promise(() => undefined));
    const cutOff = version();
    clock.ms += 20_000;
    expect(await version()).toBe('1.0.0');
    expect(await Promise.race([cutOff, 'still waiting'])).toBe('still waiting');
  });
});
