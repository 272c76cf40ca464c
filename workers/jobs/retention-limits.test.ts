import { env } from 'cloudflare:workers';
import { eq, inArray } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { connect } from '../store/database.ts';
import { createHistory } from '../store/history.ts';
import { insertPredictions } from '../store/insert-predictions.ts';
import { erasures, idempotencyKeys, predictions } from '../store/schema.ts';
import { made } from '../test/predictions.ts';
import { deleteOldIdempotencyKeys, eraseOldPredictions, forgetErasedIdentifiers } from './retention.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Long before what other tests record, which is thus too young for these runs. */
const NOW = new Date('1990-06-01T12:00:00.000Z');
const ago = (ms: number) => new Date(NOW.getTime() - ms);

const database = connect(env.DATABASE_URL ?? '');

describe('to the millisecond', () => {
  it('predictions made at the limit are kept, and those made before it are erased', async () => {
    const [old, atLimit] = [made({ createdAt: ago(1).toISOString() }), made({ createdAt: NOW.toISOString() })];
    await insertPredictions(database, [old, atLimit]);
    await eraseOldPredictions(database, NOW, { now: new Date(), newId: uuidv7 });
    const ids = [old.id, atLimit.id];
    const rows = await database().select({ id: predictions.id }).from(predictions).where(inArray(predictions.id, ids));
    expect(rows).toEqual([{ id: atLimit.id }]);
  });

  it('an Idempotency-Key is remembered for 24 hours', async () => {
    const claim = (claimedAt: Date) => ({ key: uuidv7(), fingerprint: 'limits', model: 'm/1.0.0', claimedAt });
    const [old, atLimit] = [claim(ago(DAY_MS + 1)), claim(ago(DAY_MS))];
    await database().insert(idempotencyKeys).values([old, atLimit]);
    await deleteOldIdempotencyKeys(database, NOW);
    const rows = await database().select().from(idempotencyKeys).where(eq(idempotencyKeys.fingerprint, 'limits'));
    expect(rows.map(({ key }) => key)).toEqual([atLimit.key]);
  });

  it('whom an erasure was about is remembered for 30 days', async () => {
    const eraseAt = (at: Date) =>
      createHistory(database, { now: () => at, newId: uuidv7 }).eraseIdentifier(74_100_001, {
        keyId: null,
        requestId: 'r1',
      });
    const [old, atLimit] = [await eraseAt(ago(30 * DAY_MS + 1)), await eraseAt(ago(30 * DAY_MS))];
    await forgetErasedIdentifiers(database, NOW);
    const identifierOf = async ({ id }: { id: string }) =>
      (await database().select().from(erasures).where(eq(erasures.id, id)))[0]?.identifier;
    expect([await identifierOf(old), await identifierOf(atLimit)]).toEqual([null, 74_100_001]);
  });
});
