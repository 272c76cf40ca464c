import type { ActivePointer } from '../../common/contract/active-pointer.ts';
import type { Predictor } from '../ports.ts';

/** A model version in memory. */
export type LoadedVersion = {
  predictor: Predictor;
  /** Frees the version's memory. The predictor must not be used afterwards. */
  release(): Promise<void>;
};

/** A loaded version, and the active pointer that named it. Both are replaced when a newer pointer names the same version. */
export type ActiveVersion = LoadedVersion & { pointer: ActivePointer; etag: string };

/** The active pointer was read, but the version that it names cannot be loaded. */
export class UnloadableVersion extends Error {
  readonly pointer: ActivePointer;

  constructor(pointer: ActivePointer, cause: unknown) {
    super(`${pointer.name} ${pointer.version} cannot be loaded`, { cause });
    this.pointer = pointer;
  }
}

/** Nobody whom the environment knows signed the version. */
export class UnsignedVersion extends Error {}

/** The active pointer was read, and says that nothing is active. */
export class NothingActive extends Error {
  readonly pointer: ActivePointer;

  constructor(pointer: ActivePointer) {
    super(`no model is active: ${pointer.name} ${pointer.version} was withdrawn`);
    this.pointer = pointer;
  }
}
