import { UserError } from '../cli.ts';

/** The buckets that environments bind: model versions, and predictions that could not be stored. */
export type Binding = 'MODELS' | 'DEAD_LETTERS';

/** An object that was read, with the etag that a conditional put compares. */
type StoredObject = { bytes: Uint8Array; etag: string };

/** The condition of a put: no object has the key yet, or the object still has this etag. */
type Condition = 'absent' | { etag: string };

/** An R2 bucket of one environment, on this machine or at Cloudflare. */
export interface ObjectStore {
  /** For messages. */
  readonly name: string;
  get(key: string): Promise<StoredObject | null>;
  /** Stores the object, and resolves to its etag; to null, with nothing stored, where the condition did not hold. */
  put(key: string, bytes: Uint8Array, options: { contentType: string; condition: Condition }): Promise<string | null>;
  /** The keys with this prefix, in ascending order. */
  list(prefix: string): Promise<string[]>;
  /** Removes objects. A missing object is not an error. */
  remove(keys: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export function noSuchBinding(environment: string, binding: Binding): UserError {
  return new UserError(`wrangler.toml binds no bucket ${binding} in the environment ${environment}.`);
}
