import { PGlite, type Transaction } from '@electric-sql/pglite';
import pg from 'pg';
import { UserError } from '../cli.ts';
import type { Backend, RawResult, RunQuery } from './neon-endpoint.ts';

const asText = (value: string) => value;

/** An embedded Postgres (PGlite), in a directory, or in memory where no directory is given. */
export async function openEmbedded(directory?: string): Promise<Backend> {
  return backendOf(await PGlite.create(directory === undefined ? {} : { dataDir: directory }));
}

/** What the endpoint needs of an embedded Postgres. */
export function backendOf(database: PGlite): Backend {
  // PGlite looks parsers up by type and merges the maps, so that every type it knows must be named.
  const parsers = Object.fromEntries(Object.keys(database.parsers).map((type) => [type, asText]));
  const serializers = Object.fromEntries(Object.keys(database.serializers).map((type) => [type, asText]));
  const runOn =
    (connection: PGlite | Transaction): RunQuery =>
    async (query, params) => {
      const result = await connection.query<(string | null)[]>(query, params, {
        rowMode: 'array',
        parsers,
        serializers,
      });
      return { rowCount: result.affectedRows ?? result.rows.length, fields: result.fields, rows: result.rows };
    };
  return {
    query: runOn(database),
    transaction: (modes, work) =>
      database.transaction(async (transaction) => {
        if (modes) await transaction.exec(`SET TRANSACTION ${modes}`);
        return work(runOn(transaction));
      }),
    close: () => database.close(),
  };
}

/** Any Postgres that is reached by a connection string. Rejects at once where it cannot be reached. */
export async function openPostgres(connectionString: string): Promise<Backend> {
  if (!URL.canParse(connectionString)) throw new UserError('DATABASE_URL is not a connection string (postgres://…).');
  const pool = new pg.Pool({ connectionString, connectionTimeoutMillis: 10_000 });
  // An idle connection that the server drops is opened again on the next query.
  pool.on('error', () => undefined);
  await pool.query('select 1').catch((error: Error) => {
    throw new UserError(`The Postgres that DATABASE_URL names cannot be used: ${error.message}`);
  });
  const runOn =
    (connection: pg.Pool | pg.PoolClient): RunQuery =>
    async (query, params): Promise<RawResult> =>
      connection.query<(string | null)[]>({
        text: query,
        values: params,
        rowMode: 'array',
        types: { getTypeParser: () => asText },
      });
  return {
    query: runOn(pool),
    async transaction(modes, work) {
      const client = await pool.connect();
      try {
        await client.query(`BEGIN ${modes}`);
        const result = await work(runOn(client));
        await client.query('COMMIT');
        return result;
      } catch (error) {
        await client.query('ROLLBACK');
        throw error;
      } finally {
        client.release();
      }
    },
    close: () => pool.end(),
  };
}
