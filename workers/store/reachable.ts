import { ProblemError } from '../errors.ts';

/** Runs what a request waits for; throws `database-unavailable` if it fails. */
export async function reachable<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (cause) {
    throw new ProblemError('database-unavailable', { cause });
  }
}
