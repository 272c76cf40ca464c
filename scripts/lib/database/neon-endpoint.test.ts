import { sql as query } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/neon-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { neonClient } from '../../../workers/store/neon-client.ts';
import { type NeonEndpoint, startNeonEndpoint } from './neon-endpoint.ts';
import { openEmbedded, openPostgres } from './postgres-backends.ts';

/** TEST_DATABASE_URL names a scratch database of a real Postgres, to run the same tests against it. */
const external = process.env['TEST_DATABASE_URL'];
const backends = [
  ['the embedded Postgres', () => openEmbedded()] as const,
  ...(external ? [['a Postgres server', () => openPostgres(external)] as const] : []),
];

describe.each(backends)('the local Neon endpoint before %s', (_name, open) => {
  let endpoint: NeonEndpoint;
  let sql: ReturnType<typeof neonClient>;
  beforeAll(async () => {
    endpoint = await startNeonEndpoint(await open());
    sql = neonClient(endpoint.databaseUrl, 60_000);
    await sql`drop table if exists things`;
    await sql`create table things (id int primary key, name text not null)`;
  });
  afterAll(() => endpoint.close());

  it('gives values their JavaScript types through the driver', async () => {
    const [row] = await sql`select 1::int as i, 9007199254740993::bigint as b, 0.1::float8 as f, true as t, null as n,
      'é"\\' as s, '{"a":[1,"ü"]}'::jsonb as j, array['x','y'] as a`;
    expect(row).toEqual({
      i: 1,
      b: '9007199254740993',
      f: 0.1,
      t: true,
      n: null,
      s: 'é"\\',
      j: { a: [1, 'ü'] },
      a: ['x', 'y'],
    });
  });

  it('takes parameters as parameters', async () => {
    const hostile = "'); drop table things; --";
    await sql`insert into things values (1, ${hostile})`;
    expect(await sql`select name from things where name = ${hostile}`).toEqual([{ name: hostile }]);
  });

  it('reports what Postgres refuses with its code and constraint', async () => {
    await sql`insert into things values (2, 'two')`;
    await expect(sql`insert into things values (2, 'again')`).rejects.toMatchObject({
      name: 'NeonDbError',
      code: '23505',
      constraint: 'things_pkey',
    });
    await expect(sql`selekt 1`).rejects.toMatchObject({ code: '42601' });
  });

  it('runs a batch in one transaction, or not at all', async () => {
    const db = drizzle(sql);
    await db.batch([
      db.execute(query`insert into things values (10, 'a')`),
      db.execute(query`insert into things values (11, 'b')`),
    ]);
    await expect(
      db.batch([
        db.execute(query`insert into things values (12, 'c')`),
        db.execute(query`insert into things values (10, 'd')`),
      ]),
    ).rejects.toMatchObject({ code: '23505' });
    expect(await sql`select id from things where id >= 10 order by id`).toEqual([{ id: 10 }, { id: 11 }]);
  });

  it('honours the modes of a transaction', async () => {
    const modes = { isolationLevel: 'Serializable', readOnly: true } as const;
    const [rows] = await sql.transaction([sql`show transaction_isolation`], modes);
    expect(rows).toEqual([{ transaction_isolation: 'serializable' }]);
    await expect(sql.transaction([sql`insert into things values (20, 'x')`], modes)).rejects.toMatchObject({
      code: '25006',
    });
  });

  it('answers many at once', async () => {
    const rows = await Promise.all(Array.from({ length: 30 }, (_, i) => sql`select ${i}::int as i`));
    expect(rows.map(([row]) => row?.['i'])).toEqual(Array.from({ length: 30 }, (_, i) => i));
  });

  it('lets in by its password alone', async () => {
    const url = new URL(endpoint.databaseUrl);
    expect(url.password).toHaveLength(43);
    for (const password of ['', 'local', url.password.slice(1)]) {
      url.password = password;
      const wrong = neonClient(url.href, 60_000);
      await expect(wrong`select 1`).rejects.toMatchObject({ name: 'NeonDbError', code: '28P01' });
    }
    const init = { method: 'POST', body: '{"query":"select 1"}' };
    const headers = { 'neon-raw-text-output': 'true', 'neon-array-mode': 'true', 'neon-connection-string': 'x' };
    expect((await fetch(`http://${url.host}/sql`, { ...init, headers })).status).toBe(400);
  });

  it('refuses what is not the protocol', async () => {
    const address = endpoint.databaseUrl.replace(/^postgres:\/\/.*@(.*)\/.*$/, 'http://$1');
    expect((await fetch(`${address}/sql`, { method: 'POST', body: '{}' })).status).toBe(400);
    expect((await fetch(`${address}/other`)).status).toBe(400);
  });
});
