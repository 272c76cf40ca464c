/**
 * How much of an answer waits in memory for a client that does not read yet. Many clients send a whole batch before they read
 * any of the answer: if the Worker stopped reading meanwhile, both would wait for ever.
 */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;
/** The same for all answers together: an isolate has 128 MB for everything. */
const MAX_WAITING_TOGETHER = 48 * 1024 * 1024;
/** How much of each answer may wait in any case, so that it goes on while its own client reads. */
const MIN_WAITING_BYTES = 256 * 1024;
/** How often a stopped answer looks whether others have gone: one request cannot wake another one. */
const LOOK_EVERY_MS = 100;

/** How much waits now, of all answers of this isolate. */
let waitingTogether = 0;

/**
 * Streams a text in UTF-8. The text is made ahead of its reader, as far as the memory allows. `done` resolves when all of it is
 * made, or the reader has gone.
 */
export function readAhead(text: AsyncGenerator<string, void, undefined>): {
  body: ReadableStream<Uint8Array>;
  done: Promise<void>;
} {
  const { promise: done, resolve } = Promise.withResolvers<void>();
  const encoder = new TextEncoder();
  let waiting = 0;
  let onTaken = () => {};
  const count = (bytes: number) => {
    waiting += bytes;
    waitingTogether += bytes;
  };
  const ahead = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        while (waiting > MIN_WAITING_BYTES && waitingTogether > MAX_WAITING_TOGETHER) {
          const taken = new Promise<void>((next) => {
            onTaken = next;
          });
          await Promise.race([taken, scheduler.wait(LOOK_EVERY_MS)]);
        }
        const { done: ended, value } = await text.next();
        if (ended) {
          controller.close();
          return resolve();
        }
        const chunk = encoder.encode(value);
        controller.enqueue(chunk);
        count(chunk.byteLength);
      },
      async cancel() {
        await text.return();
        resolve();
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: MAX_WAITING_BYTES }),
  ).getReader();

  // Nothing waits in this second stream, so that every chunk that is read from the first one has left.
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done: ended, value } = await ahead.read();
        if (ended) return controller.close();
        count(-value.byteLength);
        controller.enqueue(value);
        onTaken();
      },
      cancel() {
        count(-waiting);
        onTaken();
        return ahead.cancel();
      },
    },
    { highWaterMark: 0 },
  );
  return { body, done };
}
