import { type Faults, SLOWNESS_MS } from './faults.ts';

/** Puts faults between a Worker and its bindings. Each operation asks `current` which faults there are. */
export function withFaults(env: Env, current: () => Faults): Env {
  const { MODELS, DEAD_LETTERS, PREDICTIONS } = env;
  const before = (name: 'models' | 'letters') => async () => {
    if (current()[name] === 'down') throw new Error(`a fault that was asked for: the bucket of the ${name} is down`);
  };
  return {
    ...env,
    ...(MODELS && { MODELS: interceptCalls(MODELS, before('models')) }),
    ...(DEAD_LETTERS && { DEAD_LETTERS: interceptCalls(DEAD_LETTERS, before('letters')) }),
    ...(PREDICTIONS && { PREDICTIONS: withQueueFaults(PREDICTIONS, current) }),
  };
}

function withQueueFaults(queue: Queue, current: () => Faults): Queue {
  return {
    metrics: () => queue.metrics(),
    send: (message, options) => queue.send(message, options),
    async sendBatch(messages, options) {
      const { queue: fault } = current();
      if (fault === 'down') throw new Error('a fault that was asked for: the queue is down');
      if (fault === 'slow') await scheduler.wait(SLOWNESS_MS);
      const all = [...messages];
      if (fault === 'doubling') await queue.sendBatch(all, options);
      if (fault === 'poisoning') await queue.sendBatch([{ body: '{"poison":true}', contentType: 'text' }], options);
      return queue.sendBatch(all, options);
    },
  };
}

/** Runs `before` ahead of every method of a binding; a method fails where `before` rejects. */
function interceptCalls<T extends object>(binding: T, before: () => Promise<void>): T {
  return new Proxy(binding, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        await before();
        return Reflect.apply(value, target, args);
      };
    },
  });
}
