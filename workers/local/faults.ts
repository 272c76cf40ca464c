import * as z from 'zod';

const Service = z.enum(['up', 'down']).default('up');

/**
 * What is broken on this machine, on purpose. `npm start -- --faults` serves this state, which can be read and replaced while
 * everything runs. A deployed Worker has no part of it.
 */
export const Faults = z.strictObject({
  /**
   * `down`: connections are closed. `slow`: answers take two seconds longer. `refusing`: Postgres says that it is starting up.
   * `cutting`: statements are run, and their answers lost.
   */
  database: z.enum(['up', 'down', 'slow', 'refusing', 'cutting']).default('up'),
  /** Every operation on the R2 bucket of the models fails, or not. */
  models: Service,
  /** Every operation on the R2 bucket of the letters fails, or not. */
  letters: Service,
  /**
   * `down`: the queue refuses what is sent. `slow`: it takes two seconds to accept it. `doubling`: it delivers it twice.
   * `poisoning`: with it, it delivers a message that cannot be read.
   */
  queue: z.enum(['up', 'down', 'slow', 'doubling', 'poisoning']).default('up'),
  /** `throwing`: the consumer of the queue fails before it has seen its messages. */
  consumer: z.enum(['up', 'throwing']).default('up'),
  /** How far the Worker's clock is ahead, in milliseconds; behind, where it is negative. */
  clockMs: z.int().default(0),
});
export type Faults = z.infer<typeof Faults>;

/** How much longer a slow service takes. */
export const SLOWNESS_MS = 2000;
