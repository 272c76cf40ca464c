import type { IdempotencyKeys } from '../ports.ts';
import { type Database, orDatabaseUnavailable } from './database.ts';
import { idempotencyKeys } from './schema.ts';

export function createIdempotencyKeys(database: () => Database): IdempotencyKeys {
  return {
    async claim(key, claim) {
      const rows = await orDatabaseUnavailable(() =>
        database()
          .insert(idempotencyKeys)
          .values({ key, ...claim })
          // Changes nothing, but makes Postgres return the first row, even to a rival of the same instant.
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
