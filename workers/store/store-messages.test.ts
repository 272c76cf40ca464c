import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { made } from '../test/predictions.ts';
import { connect } from './database.ts';
import type { DeadLetterStore } from './dead-letters.ts';
import { storeMessages } from './store-messages.ts';

const now = new Date('2026-01-31T12:00:00Z');

/** Dead letters in memory. */
function inMemory() {
  const written = new Map<string, string>();
  const deadLetters: DeadLetterStore = {
    list: async () => ({ keys: [...written.keys()], more: false }),
    read: async (key) => written.get(key) ?? null,
    write: async (key, text) => void written.set(key, text),
    remove: async () => undefined,
  };
  return { written, deadLetters };
}

describe('messages of predictions', () => {
  it('each have an outcome, in order, without a queue', async () => {
    const { written, deadLetters } = inMemory();
    // Postgres' jsonb cannot hold the character U+0000.
    const refused = made({ input: { name: 'a\u0000b' } });
    const messages = [
      { id: 'a', body: made() },
      { id: 'b', body: [made(), refused] },
      { id: 'c', body: { not: 'a prediction' } },
    ];
    const settled = await storeMessages(messages, { database: connect(env.DATABASE_URL ?? ''), deadLetters, now });
    expect(settled.map(({ message, outcome }) => [message.id, outcome.status])).toEqual([
      ['a', 'stored'],
      ['b', 'set-aside'],
      ['c', 'retry'],
    ]);
    expect(settled[1]?.outcome).toMatchObject({ key: 'unreplayable/2026/01/31/b.json', predictions: 1 });
    expect(JSON.parse(written.get('unreplayable/2026/01/31/b.json') ?? '')).toMatchObject({ body: [refused] });
  });

  it('are all to be tried again while the database is down', async () => {
    const { deadLetters } = inMemory();
    const database = connect('postgres://postgres:secret-word@127.0.0.1:9/postgres');
    const settled = await storeMessages([{ id: 'a', body: made() }], { database, deadLetters, now });
    expect(settled).toMatchObject([{ message: { id: 'a' }, outcome: { status: 'retry' } }]);
  });
});
