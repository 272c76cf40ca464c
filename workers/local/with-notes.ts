/**
 * The local queue is in memory. What is sent is noted with the process that runs the Worker, and struck off once the consumer
 * is done with it: on the way out that process knows what is left.
 */
export function withNotes(env: Env, address: string): Env {
  const { PREDICTIONS } = env;
  return PREDICTIONS ? { ...env, PREDICTIONS: noting(PREDICTIONS, address) } : env;
}

function noting(queue: Queue, address: string): Queue {
  return {
    metrics: () => queue.metrics(),
    send: (message, options) => queue.send(message, options),
    async sendBatch(messages, options) {
      const all = [...messages];
      const bodies = all.map(({ body }) => body);
      // Before it is sent: it may be delivered before the queue has answered.
      await note('POST', address, bodies);
      try {
        return await queue.sendBatch(all, options);
      } catch (error) {
        await note('DELETE', address, bodies);
        throw error;
      }
    },
  };
}

/** Has a batch consumed, and strikes off what was acknowledged. */
export async function noteSettled(
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
  if (address && settled.length > 0) await note('DELETE', address, settled);
}

async function note(method: 'POST' | 'DELETE', address: string, bodies: unknown[]): Promise<void> {
  // Without notes, the queue is as good as it was.
  await fetch(address, { method, body: JSON.stringify(bodies) }).catch(() => undefined);
}
