import { describe, expect, it } from 'vitest';
import type { VersionId } from '../../common/contract/active-pointer.ts';
import { readModel, TINY_MODEL } from '../test/models.ts';
import { predictorOf } from '../test/predictors.ts';
import { withModel } from './choose-version.ts';

const { contract } = await readModel(TINY_MODEL);
const serving = predictorOf(contract);

/** A store of one version that serves, and of any other version of the same model. */
const asked: VersionId[] = [];
const models: Parameters<typeof withModel>[0] = {
  use: (work) => work(serving),
  useVersion: (id, work) => {
    asked.push(id);
    return work(predictorOf({ ...contract, version: id.version }));
  },
  labelsOf: async () => [],
  list: async () => [],
  updateFailedAt: () => null,
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

  it.each([
    { name: 'other', version: null },
    { name: '../x', version: '1.0.0' },
    { name: 'x'.repeat(200), version: '1.0' },
  ])('is none where the request names %o', async (named) => {
    asked.length = 0;
    const error = await chosen(named).catch((it: unknown) => it);
    expect(error).toMatchObject({ code: 'not-found' });
    expect(asked).toEqual([]);
  });
});
