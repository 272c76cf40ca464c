import * as z from 'zod';
import { NeededRuntime } from './needed-runtime.ts';

/** R2 key of the pointer to the version that serves: the only object that is ever overwritten. */
export const ACTIVE_POINTER_KEY = 'channels/active.json';

/** Where each flip of the pointer is kept, one object a flip. */
export const FLIP_HISTORY_PREFIX = 'channels/history/';

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const VersionId = z.object({ name: z.string().min(1), version: z.string().min(1) });
export type VersionId = z.infer<typeof VersionId>;

/** A version that answers nobody any more, and who withdrew it, when and why. */
const Withdrawal = VersionId.extend({
  withdrawnAt: z.iso.datetime(),
  withdrawnBy: z.string().min(1),
  reason: z.string(),
});
export type Withdrawal = z.infer<typeof Withdrawal>;

/** The version that serves, sealed by the digests of its files; and the switch to it: by whom, when, why and from which version. */
export const ActivePointer = VersionId.extend({
  contractSha256: Sha256,
  graphSha256: Sha256,
  /** `withdraw`: nothing is active. The version was withdrawn while it served, or did not come up and was the first one. */
  action: z.enum(['activate', 'rollback', 'promote', 'withdraw']),
  activatedAt: z.iso.datetime(),
  activatedBy: z.string().min(1),
  reason: z.string(),
  from: VersionId.nullable(),
  /** The versions that a caller may ask for by number beside the active one. Old pointers lack the list: none. */
  alsoServing: z.array(VersionId).optional(),
  /** The versions that were withdrawn. Every later pointer keeps them, until one is reinstated. */
  withdrawn: z.array(Withdrawal).optional(),
  /** The mark of the version's manifest, so that an isolate starts with the right runtime without reading that. */
  runtime: NeededRuntime.optional(),
});
export type ActivePointer = z.infer<typeof ActivePointer>;

/** Key of a flip in the history: keys sort by time. */
export function flipKey({ activatedAt, version }: ActivePointer): string {
  return `${FLIP_HISTORY_PREFIX}${activatedAt.replaceAll(/[:.]/g, '-')}-${version}.json`;
}

/** Why a version answers nobody; null where it was not withdrawn. */
export function withdrawalOf(pointer: ActivePointer | null | undefined, version: VersionId): Withdrawal | null {
  return pointer?.withdrawn?.find((it) => sameVersion(it, version)) ?? null;
}

/** Whether a version serves under this pointer. */
export function isActive(pointer: ActivePointer | null | undefined, version: VersionId): boolean {
  if (pointer == null || pointer.action === 'withdraw' || withdrawalOf(pointer, version)) return false;
  return sameVersion(pointer, version);
}

/** The versions that answer under this pointer: the active one first, then those that may be asked for by number. */
export function servedVersions(pointer: ActivePointer): VersionId[] {
  const { name, version, action, alsoServing = [] } = pointer;
  const active = action === 'withdraw' ? [] : [{ name, version }];
  return uniqueVersions([...active, ...alsoServing]).filter((it) => !withdrawalOf(pointer, it));
}

export function uniqueVersions(versions: readonly VersionId[]): VersionId[] {
  return versions.filter((version, i) => versions.findIndex((it) => sameVersion(it, version)) === i);
}

/** Whether a version was ever active, other than by a switch that was withdrawn. `flips` is in order of time. */
export function wasActive(flips: readonly ActivePointer[], version: VersionId): boolean {
  const approved = switches(flips).reduce((count, flip) => {
    if (!sameVersion(flip, version)) return count;
    return flip.action === 'withdraw' ? count - 1 : count + 1;
  }, 0);
  return approved > 0;
}

/** The flip since which a version serves without an interruption; null where nothing is active. */
export function servingSince(flips: readonly ActivePointer[]): ActivePointer | null {
  const last = switches(flips).at(-1);
  return last === undefined || last.action === 'withdraw' ? null : last;
}

/** The flips that changed which version is active. The others changed the versions beside it. */
function switches(flips: readonly ActivePointer[]): ActivePointer[] {
  return flips.filter((flip, i) => {
    const before = flips[i - 1];
    const isSwitch = (flip.action === 'withdraw') !== (before?.action === 'withdraw');
    return !before || isSwitch || !sameVersion(flip, before);
  });
}

/**
 * The versions that a rollback may return to, the nearest first. `flips` is the whole history in order of time. A
 * rollback never returns to a version that was rolled back from, or withdrawn: after 1, 2, rollback to 1, none is left behind 1.
 */
export function rollbackTargets(flips: readonly ActivePointer[]): ActivePointer[] {
  const stack: ActivePointer[] = [];
  for (const flip of flips) {
    if (flip.action === 'withdraw') {
      if (sameVersion(stack.at(-1), flip)) stack.pop();
      continue;
    }
    if (flip.action === 'rollback') {
      while (stack.length > 0 && !sameVersion(stack.at(-1), flip)) stack.pop();
    }
    if (!sameVersion(stack.at(-1), flip)) stack.push(flip);
  }
  const current = stack.pop();
  return stack.reverse().filter((flip) => !sameVersion(flip, current));
}

export function sameVersion(a: VersionId | null | undefined, b: VersionId | null | undefined): boolean {
  return a?.name === b?.name && a?.version === b?.version;
}
