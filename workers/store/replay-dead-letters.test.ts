import { env } from 'cloudflare:workers';
import { inArray } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { Prediction } from '../../common/history/prediction.ts';
import { packPredictions } from '../../common/history/prediction-message.ts';
import { made } from '../test/predictions.ts';
import { connect } from './database.ts';
import type { DeadLetterStore } from './dead-letters.ts';
import { replayDeadLetters } from './replay-dead-letters.ts';
import { predictions } from './schema.ts';

const database = connect(env.DATABASE_URL ?? '');

/** Dead letters in memory. The call number `failing` to it (0 is the first) fails: before it has any effect, or after it. */
function deadLetters(letters: ReadonlyMap<string, string>, failing = Number.POSITIVE_INFINITY, after = false) {
  const kept = new Map(letters);
  let calls = 0;
  async function call<T>(effect: () => T): Promise<T> {
    const fails = calls++ === failing;
    if (fails && !after) throw new Error('R2 is down');
    const result = effect();
    if (fails) throw new Error('the answer was lost');
    return result;
  }
  const box: DeadLetterStore = {
    list: (prefix, limit, start) =>
      call(() => {
        const keys = [...kept.keys()].filter((key) => key.startsWith(prefix) && key > (start ?? '')).toSorted();
        return { keys: keys.slice(0, limit), more: keys.length > limit };
      }),
    read: (key) => call(() => kept.get(key) ?? null),
    write: (key, text) => call(() => void kept.set(key, text)),
    remove: (keys) =>
      call(() => {
        for (const key of keys) kept.delete(key);
      }),
  };
  return { box, kept, calls: () => calls };
}

/** All of them in one message, which has one moment: two that were made at different ones would come in two messages. */
function bodyOf(all: readonly Prediction[]): string {
  const [{ createdAt } = made()] = all;
  const packed = packPredictions(
    all.map((it) => ({ ...it, createdAt })),
    60_000,
  );
  expect(packed.length).toBe(1);
  return packed[0]?.body ?? '';
}

const letterOf = (all: readonly Prediction[]) =>
  JSON.stringify({ messageId: uuidv7(), receivedAt: '2026-01-31T12:00:00.000Z', body: bodyOf(all) });

/** Two good letters, one of which a part is bad, and one that is none. */
function someLetters() {
  const good = [made(), made(), made()];
  const bad = made({ label: 'a\u0000b' });
  const [first, second, third] = good.map((it) => [it]);
  const letters = new Map([
    ['dead-letters/2026/01/31/a.json', letterOf(first ?? [])],
    ['dead-letters/2026/01/31/b.json', letterOf([...(second ?? []), bad])],
    ['dead-letters/2026/01/31/c.json', '{"messageId":'],
    ['dead-letters/2026/02/01/d.json', letterOf(third ?? [])],
  ]);
  return { letters, good, bad };
}

const run = (box: DeadLetterStore) => replayDeadLetters(box, database, { batches: 10 });

async function storedOf(all: readonly Prediction[]): Promise<number> {
  const ids = all.map(({ id }) => id);
  return (await database().select().from(predictions).where(inArray(predictions.id, ids))).length;
}

describe('a replay', () => {
  it('stores what it can, and sets the rest aside', async () => {
    const { letters, good, bad } = someLetters();
    const { box, kept } = deadLetters(letters);
    expect(await run(box)).toMatchObject({ stored: 2, refused: [{}, {}], failure: null, more: false });
    expect(await storedOf([...good, bad])).toBe(good.length);
    expect([...kept.keys()].map((key) => key.split('/')[0])).toEqual(['unreplayable', 'unreplayable']);
    expect([...kept.values()].join()).toContain(bad.id);
  });

  it('sets a letter of a newer schema aside whole, so that newer code stores it', async () => {
    const all = [made(), made()];
    const body = { ...JSON.parse(bodyOf(all)), schemaVersion: 4 };
    const letter = { messageId: 'a', receivedAt: '2026-01-31T12:00:00.000Z', body: JSON.stringify(body) };
    const { box, kept } = deadLetters(new Map([['dead-letters/2026/01/31/a.json', JSON.stringify(letter)]]));
    const reason = expect.stringContaining('deploy newer code, then npm run replay -- --again');
    expect(await run(box)).toMatchObject({ stored: 0, refused: [{ reason }], more: false });
    const [[key, text] = ['', '']] = [...kept];
    expect([key, JSON.parse(text)]).toEqual(['unreplayable/2026/01/31/a.json', { ...letter, body: [body], reason }]);

    // To newer code, the letter is as one of version 2 is to this code. --again lets it wait once more.
    const known = text.replace('"schemaVersion":4', '"schemaVersion":2');
    const again = deadLetters(new Map([[key.replace('unreplayable/', 'dead-letters/'), known]]));
    expect(await run(again.box)).toMatchObject({ stored: 1, refused: [] });
    expect(await storedOf(all)).toBe(2);
  });

  it('loses nothing, whichever call to R2 fails, and is done by the next run', async () => {
    const { letters } = someLetters();
    const { box, calls } = deadLetters(letters);
    await run(box);
    const count = calls();
    expect(count).toBeGreaterThan(7);
    for (let failing = 0; failing < count; failing++) {
      for (const after of [false, true]) {
        const { letters, good, bad } = someLetters();
        const broken = deadLetters(letters, failing, after);
        await expect(run(broken.box), `call ${failing}`).rejects.toThrow(after ? 'was lost' : 'is down');
        await run(broken.box);
        expect(await storedOf(good), `call ${failing}`).toBe(good.length);
        expect([...broken.kept.keys()].every((key) => key.startsWith('unreplayable/'))).toBe(true);
        const aside = [...broken.kept.values()].join();
        expect([aside.includes(bad.id), aside.includes('{"messageId":')], `call ${failing}`).toEqual([true, true]);
      }
    }
  });

  it('leaves every letter where it is while the database fails', async () => {
    const { letters } = someLetters();
    const { box, kept } = deadLetters(letters);
    const down = connect('postgres://postgres:x@127.0.0.1:9/postgres');
    const replay = await replayDeadLetters(box, down, { batches: 10 });
    expect(replay).toMatchObject({ stored: 0, failure: expect.any(String), more: true });
    const valid = [...letters.keys()].filter((key) => !key.endsWith('c.json'));
    expect([...kept.keys()]).toEqual(expect.arrayContaining(valid));
  });
});
