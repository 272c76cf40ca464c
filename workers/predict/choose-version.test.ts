import { describe, expect, it } from 'vitest';
import type { VersionId } from '../../common/contract/active-pointer.ts';
import { readModel, TINY_MODEL } from '../test/models.ts';
import { predictorOf } from '../test/predictors.ts';
import { servedNumbers, withModel } from './choose-version.ts';

const { contract } = await readModel(TINY_MODEL);
const serving = predictorOf(contract);

/** A store of one version that serves, of one that may be asked for beside it, and of others that may not. */
const asked: VersionId[] = [];
const models: Parameters<typeof withModel>[0] = {
  use: (work) => work(serving),
  served: async () => [
    { name: contract.name, version: contract.version },
    { name: contract.name, version: '10.0.0' },
    { name: contract.name, version: '9.8.7' },
  ],
  useVersion: (id, work) => {
    asked.push(id);
    return work(predictorOf({ ...contract, version: id.version }));
  },
  labelsOf: async () => [],
  updateFailure: () => null,
};
const chosen = (...[named]: [Parameters<typeof withModel>[1]]) =>
  withModel(models, named, async (predictor) => predictor.contract.version);

describe('the version that serves a request', () => {
  it('is the active one, unless the request names another one', async () => {
    expect(await chosen(null)).toBe(contract.version);
    expect(await chosen({ name: contract.name, version: null })).toBe(contract.version);
    expect(await chosen({ name: contract.name, version: '9.8.7' })).toBe('9.8.7');
    expect(asked).toEqual([{ name: contract.name, version: '9.8.7' }]);
  });

  it('is listed in the order of versions, with those that may be asked for', async () => {
    expect(await servedNumbers(models, contract.name)).toEqual([contract.version, '9.8.7', '10.0.0']);
    expect(await servedNumbers(models, 'other')).toEqual([]);
  });

  it('is none that the pointer does not allow, and says which may be asked for', async () => {
    asked.length = 0;
    const refused = chosen({ name: contract.name, version: '9.8.8' });
    await expect(refused).rejects.toMatchObject({
      code: 'not-found',
      detail: `There is no version 9.8.8 of ${contract.name} to ask for. You may ask for ${contract.version}, 9.8.7, 10.0.0.`,
    });
    expect(asked).toEqual([]);
  });

  it.each([
    { name: 'other', version: null },
    { name: 'other', version: '1.0.0' },
    { name: '../x', version: '1.0.0' },
    { name: 'x'.repeat(200), version: '1.0' },
  ])('is none where the request names %o', async (named) => {
    asked.length = 0;
    const error = await chosen(named).catch((it: unknown) => it);
    expect(error).toMatchObject({ code: 'not-found' });
    expect(asked).toEqual([]);
  });
});
