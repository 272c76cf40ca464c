/**
 * The local queue is in memory, and is lost when the Worker stops. So each message is reported to the process that runs the
 * Worker: once before it is sent, and once when its consumer is done with it. At the end that process knows what is undelivered.
 */
export function withQueueJournal(env: Env, address: string): Env {
  const { PREDICTIONS } = env;
  return PREDICTIONS ? { ...env, PREDICTIONS: journaled(PREDICTIONS, address) } : env;
}

function journaled(queue: Queue, address: string): Queue {
  return {
    metrics: () => queue.metrics(),
    send: (message, options) => queue.send(message, options),
    async sendBatch(messages, options) {
      const all = [...messages];
      const bodies = all.map(({ body }) => body);
      // Before it is sent: the queue may deliver it before it answers.
      await report('POST', address, bodies);
      try {
        return await queue.sendBatch(all, options);
      } catch (error) {
        await report('DELETE', address, bodies);
        throw error;
      }
    },
  };
}

/** Has a batch consumed, and reports the messages that were acknowledged. */
export async function consumeJournaled(
  batch: MessageBatch,
  address: string | undefined,
  consume: (batch: MessageBatch) => Promise<void>,
): Promise<void> {
  const settled: unknown[] = [];
  await consume({
    queue: batch.queue,
    metadata: batch.metadata,
    messages: batch.messages.map((message) => ({
      id: message.id,
      timestamp: message.timestamp,
      attempts: message.attempts,
      body: message.body,
      retry: (options) => message.retry(options),
      ack: () => {
        settled.push(message.body);
        message.ack();
      },
    })),
    ackAll: () => batch.ackAll(),
    retryAll: (options) => batch.retryAll(options),
  });
  if (address && settled.length > 0) await report('DELETE', address, settled);
}

async function report(method: 'POST' | 'DELETE', address: string, bodies: unknown[]): Promise<void> {
  // The queue works without its journal.
  await fetch(address, { method, body: JSON.stringify(bodies) }).catch(() => undefined);
}
