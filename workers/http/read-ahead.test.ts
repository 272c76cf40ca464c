import { describe, expect, it } from 'vitest';
import { readAhead } from './read-ahead.ts';

const MIB = 1024 * 1024;
/** What a chunk may exceed a limit by, and what each answer may have waiting in any case. */
const CHUNK = 'x'.repeat(MIB / 4);
const LEAST = 2 * CHUNK.length;

/** An answer of so many chunks, which counts what was made of it. */
function answerOf(chunks: number) {
  const made = { bytes: 0, isEnded: false };
  async function* text() {
    try {
      for (let i = 0; i < chunks; i++) {
        made.bytes += CHUNK.length;
        yield CHUNK;
      }
    } finally {
      made.isEnded = true;
    }
  }
  return { made, ...readAhead(text()) };
}

const total = (answers: readonly { made: { bytes: number } }[]) =>
  answers.reduce((sum, { made }) => sum + made.bytes, 0);

/** Waits until nothing more is made, although time passes. */
async function settle(answers: readonly { made: { bytes: number } }[]): Promise<void> {
  for (let before = -1; before !== total(answers); await scheduler.wait(300)) before = total(answers);
}

const cancelAll = (answers: readonly { body: ReadableStream }[]) =>
  Promise.all(answers.map(({ body }) => body.cancel()));

describe('an answer that nobody reads', () => {
  it('is made ahead, up to 32 MiB', async () => {
    const whole = answerOf(16);
    await whole.done;
    const large = answerOf(1000);
    await settle([large]);
    expect(large.made.bytes).toBeGreaterThanOrEqual(32 * MIB - whole.made.bytes);
    expect(large.made.bytes).toBeLessThanOrEqual(32 * MIB + CHUNK.length);
    await cancelAll([whole, large]);
    expect(large.made.isEnded).toBe(true);
    await large.done;
  });

  it('holds less where others hold much, and all together no more than the isolate bears', async () => {
    const answers = Array.from({ length: 8 }, () => answerOf(1000));
    await settle(answers);
    expect(total(answers)).toBeGreaterThan(32 * MIB);
    expect(total(answers)).toBeLessThanOrEqual(48 * MIB + answers.length * LEAST);
    for (const { made } of answers) expect(made.bytes).toBeGreaterThan(0);
    await cancelAll(answers);
  });

  it('goes on by itself once others have gone, also those that were all made', async () => {
    const others = [answerOf(100), answerOf(100)];
    await settle(others);
    const late = answerOf(100);
    await settle([late]);
    expect(late.made.bytes).toBeLessThanOrEqual(LEAST);
    await cancelAll(others);
    await late.done;
    expect(late.made.bytes).toBe(25 * MIB);
    await cancelAll([late]);
  });
});

it('an answer that is read is whole, however much waits elsewhere, and leaves nothing behind', async () => {
  const others = [answerOf(100), answerOf(100)];
  await settle(others);
  for (const _ of [1, 2]) {
    const read = answerOf(240);
    expect((await new Response(read.body).arrayBuffer()).byteLength).toBe(60 * MIB);
    await read.done;
  }
  await cancelAll(others);
  const alone = answerOf(1000);
  await settle([alone]);
  expect(alone.made.bytes).toBeGreaterThanOrEqual(32 * MIB);
  await cancelAll([alone]);
});

it('the text is UTF-8, and may have empty pieces', async () => {
  async function* pieces() {
    yield* ['', 'é', '', '\u{1F600}'];
  }
  expect(await new Response(readAhead(pieces()).body).text()).toBe('é\u{1F600}');
});
