import { type ReadMessage, readMessage } from '../../common/history/prediction-message.ts';
import { causeOf } from '../errors.ts';
import type { Database } from './database.ts';
import { type DeadLetterStore, setAsideDeadLetter } from './dead-letters.ts';
import { insertPredictions } from './insert-predictions.ts';

/** A message of predictions, whatever brought it. */
export type PredictionMessage = { readonly id: string; readonly body: unknown };

/** What became of a message. `set-aside`: a part of it can never be stored, and is kept under `key`; the rest is stored. */
export type StoreOutcome =
  | { status: 'stored' }
  | { status: 'set-aside'; key: string; predictions: number; reason: string }
  | { status: 'retry'; reason: unknown };

type Stores = { database: () => Database; deadLetters: DeadLetterStore; now: Date };

/**
 * Stores the predictions of several messages together, and resolves to each message with its outcome, in order. One bad
 * prediction holds up neither other messages nor its neighbours. A prediction that Postgres refuses is set aside with the reason:
 * no further attempt would store it. Every other failure asks for a retry: the database may come back, and another version of
 * this code may read a message that this one cannot. Never rejects.
 */
export async function storeMessages<M extends PredictionMessage>(
  messages: readonly M[],
  { database, deadLetters, now }: Stores,
): Promise<{ message: M; outcome: StoreOutcome }[]> {
  const opened = messages.map((message) => ({ message, read: readMessage(message.body) }));
  let refused: ReadonlyMap<unknown, unknown>;
  try {
    refused = await insertPredictions(
      database,
      opened.flatMap(({ read }) => read.predictions),
    );
  } catch (reason) {
    return messages.map((message) => ({ message, outcome: { status: 'retry', reason } }));
  }
  const settled: { message: M; outcome: StoreOutcome }[] = [];
  for (const { message, read } of opened) {
    settled.push({ message, outcome: await settle(message.id, read, refused, { deadLetters, now }) });
  }
  return settled;
}

/** The outcome of a message whose good predictions are stored. */
async function settle(
  messageId: string,
  read: ReadMessage,
  refused: ReadonlyMap<unknown, unknown>,
  { deadLetters, now }: Pick<Stores, 'deadLetters' | 'now'>,
): Promise<StoreOutcome> {
  const [malformed] = read.malformed;
  if (malformed) return { status: 'retry', reason: malformed.reason };
  const bad = unstorableOf(read, refused);
  const [first] = bad;
  if (!first) return { status: 'stored' };
  const letter = { messageId, receivedAt: now.toISOString(), body: bad.map(({ value }) => value) };
  try {
    const key = await setAsideDeadLetter(deadLetters, letter, first.reason);
    return { status: 'set-aside', key, predictions: bad.length, reason: first.reason };
  } catch (reason) {
    return { status: 'retry', reason };
  }
}

/** The parts of a message that can never be stored, each as a message of its own, with the reason. */
export function unstorableOf(
  { predictions, malformed }: ReadMessage,
  refused: ReadonlyMap<unknown, unknown>,
): { value: unknown; reason: string }[] {
  const all = [
    ...malformed,
    ...predictions.flatMap((value) => (refused.has(value) ? [{ value, reason: refused.get(value) }] : [])),
  ];
  return all.map(({ value, reason }) => ({ value, reason: causeOf(reason) }));
}
