const SUFFIX = '-dead';

/** Whether a queue holds what another one, of the same name without the suffix, gave up on. */
export function isDeadLetterQueue(queue: string): boolean {
  return queue.endsWith(SUFFIX);
}
