import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { BatchResult } from '../../common/api/answers.ts';
import { binary } from '../../common/test/binary.ts';
import { exampleInput, readModel, TINY_MODEL } from '../test/models.ts';
import { predictorOf, recordsInMemory } from '../test/predictors.ts';
import { predictAll } from './predict-all.ts';
import { predictBatch } from './predict-batch.ts';
import { predictRecord } from './predict-records.ts';

const model = await readModel(TINY_MODEL);
const { contract } = model;
const record = exampleInput(model);
const anonymous = { keyId: null, idempotency: null };
const repeated = { keyId: 'hr', idempotency: { key: 'k', fingerprint: 'f' } };
const newId = () => uuidv7();

function context() {
  const clock = { ms: Date.UTC(2026, 0, 31) };
  const { records, stored } = recordsInMemory();
  return { clock, stored, given: { records, now: () => new Date(clock.ms), newId } };
}

describe('predictions without HTTP', () => {
  it('are made and recorded of plain arguments', async () => {
    const { given, stored } = context();
    const { prediction, recorded } = await predictRecord(predictorOf(contract, 0.25), record, anonymous, given);
    expect(recorded).toBe('stored');
    expect(prediction).toMatchObject({ probability: 0.25, keyId: null, createdAt: '2026-01-31T00:00:00.000Z' });
    expect(stored.get(prediction.id)).toMatchObject({ ...prediction, input: expect.any(Object) });
  });

  it('are made where nothing is recorded', async () => {
    const { given } = context();
    const nowhere = { ...given, records: null };
    expect(await predictRecord(predictorOf(contract), record, anonymous, nowhere)).toMatchObject({ recorded: 'off' });
  });

  it('are refused before a key is claimed', async () => {
    const { given } = context();
    const refused = predictRecord(predictorOf(contract), {}, repeated, given);
    await expect(refused).rejects.toMatchObject({ code: 'invalid-record' });
    const other = { ...repeated, idempotency: { key: 'k', fingerprint: 'another' } };
    expect((await predictRecord(predictorOf(contract), record, other, given)).recorded).toBe('stored');
    await expect(predictRecord(predictorOf(contract), record, repeated, given)).rejects.toMatchObject({
      code: 'idempotency-key-reused',
    });
  });

  it('of two callers with the same Idempotency-Key have nothing to do with each other', async () => {
    const { given, stored } = context();
    const predictor = predictorOf(contract);
    const mine = await predictRecord(predictor, record, repeated, given);
    const theirs = await predictRecord(predictor, record, { ...repeated, keyId: 'finance' }, given);
    expect(theirs.prediction.id).not.toBe(mine.prediction.id);
    expect([stored.get(mine.prediction.id)?.keyId, stored.get(theirs.prediction.id)?.keyId]).toEqual(['hr', 'finance']);
    const otherContent = { keyId: 'payroll', idempotency: { key: 'k', fingerprint: 'another' } };
    expect((await predictRecord(predictor, record, otherContent, given)).recorded).toBe('stored');
    const nobody = { keyId: null, idempotency: repeated.idempotency };
    expect((await predictRecord(predictor, record, nobody, given)).prediction.keyId).toBeNull();
  });

  it('of a repeated request that another model answered are recalled in order, and the missing ones made', async () => {
    const { given, stored, clock } = context();
    const three = [record, record, record];
    const first = await predictAll(predictorOf(contract, 0.25), three, repeated, given);
    const ids = first.map(({ prediction }) => prediction.id);
    expect(ids).toEqual([...ids].sort());
    stored.delete(ids[1] ?? '');
    const newer = predictorOf({ ...contract, version: '99.0.0' }, 0.75);
    await expect(predictAll(newer, three, repeated, given)).rejects.toMatchObject({ code: 'idempotency-not-settled' });
    clock.ms += 60_001;
    const again = await predictAll(newer, three, repeated, given);
    expect(again.map(({ prediction }) => prediction.id)).toEqual(ids);
    expect(again.map(({ prediction }) => prediction).map((it) => binary(it).probability)).toEqual([0.25, 0.75, 0.25]);
  });

  it('of a repeated request that another contract of the same version answered are recalled', async () => {
    const { given } = context();
    const first = await predictRecord(predictorOf(contract, 0.25), record, repeated, given);
    const replaced = { ...predictorOf(contract, 0.75), contractSha256: 'd'.repeat(64) };
    const again = await predictRecord(replaced, record, repeated, given);
    expect([again.prediction.id, binary(again.prediction).probability]).toEqual([first.prediction.id, 0.25]);
  });

  it('of a request that older code answered, which did not claim its contract, are made again under the same ids', async () => {
    const { given, stored } = context();
    const first = await predictRecord(predictorOf(contract, 0.25), record, repeated, given);
    const { idempotencyKeys } = given.records;
    const older = {
      ...given.records,
      idempotencyKeys: {
        claim: async (...claim: Parameters<typeof idempotencyKeys.claim>) => ({
          ...(await idempotencyKeys.claim(...claim)),
          model: `${contract.name}/${contract.version}`,
        }),
      },
    };
    stored.clear();
    const again = await predictRecord(predictorOf(contract, 0.25), record, repeated, { ...given, records: older });
    expect(again.prediction.id).toBe(first.prediction.id);
    expect(again.recorded).toBe('stored');
  });

  it.each([
    { afterMs: 0, isSettled: false },
    { afterMs: 60_000, isSettled: false },
    { afterMs: 60_001, isSettled: true },
  ])('that are not stored are made anew $afterMs ms after the first request: $isSettled', async (at) => {
    const { given, stored, clock } = context();
    const { prediction } = await predictRecord(predictorOf(contract, 0.25), record, repeated, given);
    stored.delete(prediction.id);
    clock.ms += at.afterMs;
    const newer = predictorOf({ ...contract, version: '99.0.0' }, 0.75);
    const again = predictRecord(newer, record, repeated, given);
    if (at.isSettled) expect((await again).prediction).toMatchObject({ id: prediction.id, probability: 0.75 });
    else await expect(again).rejects.toMatchObject({ code: 'idempotency-not-settled' });
  });

  it('fail where the model answers too few probabilities', async () => {
    const { given } = context();
    const short = { ...predictorOf(contract), predict: async () => [] };
    await expect(predictRecord(short, record, anonymous, given)).rejects.toThrow('1 items have 0 answers');
  });
});

describe('a batch without HTTP', () => {
  it('answers every row in its place', async () => {
    const predictor = predictorOf(contract);
    async function* rows() {
      yield [record, {}, record].map((value, i) => ({ line: i + 1, value: predictor.validate(value) }));
      yield [
        { line: 4, violations: [] },
        { line: 5, value: predictor.validate(record) },
      ];
    }
    const { given } = context();
    const results: BatchResult[] = [];
    for await (const some of predictBatch(predictor, rows(), anonymous, { ...given, maxRows: 5 }))
      results.push(...some);
    expect(results.map((result) => [result.line, 'problem' in result])).toEqual([
      [1, false],
      [2, true],
      [3, false],
      [4, true],
      [5, false],
    ]);
  });
});
