import type { IdempotencyKeys } from '../ports.ts';
import type { Database } from './database.ts';
import { reachable } from './reachable.ts';
import { idempotencyKeys } from './schema.ts';

export function createIdempotencyKeys(database: () => Database): IdempotencyKeys {
  return {
    async claim(key, claim) {
      const rows = await reachable(() =>
        database()
          .insert(idempotencyKeys)
          .values({ key, ...claim })
          // Changes nothing, and so returns the row that was there first, also to a rival of the same instant.
          .onConflictDoUpdate({ target: idempotencyKeys.key, set: { key } })
          .returning(),
      );
      const [row] = rows;
      if (!row) throw new Error('the database returned no claim');
      const { fingerprint, model, claimedAt } = row;
      return { fingerprint, model, claimedAt };
    },
  };
}
