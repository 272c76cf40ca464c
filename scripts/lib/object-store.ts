/** An object that was read, with the etag that a conditional put compares. */
export type StoredObject = { bytes: Uint8Array; etag: string };

/** What a put requires of the object that is there: that there is none, or that it is still the one that was read. */
export type Condition = 'absent' | { etag: string };

/** The R2 bucket of one environment, on this machine or at Cloudflare. */
export interface ObjectStore {
  /** For messages. */
  readonly name: string;
  get(key: string): Promise<StoredObject | null>;
  /** Stores the object, and resolves to its etag; to null, with nothing stored, where the condition did not hold. */
  put(key: string, bytes: Uint8Array, options: { contentType: string; condition: Condition }): Promise<string | null>;
  /** The keys that start so, in ascending order. */
  list(prefix: string): Promise<string[]>;
  close(): Promise<void>;
}
