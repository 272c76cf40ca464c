import type { Predictor } from '../ports.ts';

/** A model version in memory. */
export type LoadedVersion = {
  contractSha256: string;
  predictor: Predictor;
  /** Frees the version's memory. The predictor must not be used afterwards. */
  release(): Promise<void>;
};

/** A loaded version, and the etag of the active pointer that named it. */
export type ActiveVersion = LoadedVersion & {
  /** Replaced when a newer pointer names the same version. */
  etag: string;
};

/** The active pointer was read, but the version that it names cannot be loaded. */
export class UnloadableVersion extends Error {}
