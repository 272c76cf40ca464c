import * as z from 'zod';

/** R2 key of the pointer to the version that serves: the only object that is ever overwritten. */
export const ACTIVE_POINTER_KEY = 'channels/active.json';

/** Where each flip of the pointer is kept, one object a flip. */
export const FLIP_HISTORY_PREFIX = 'channels/history/';

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const VersionId = z.object({ name: z.string().min(1), version: z.string().min(1) });
export type VersionId = z.infer<typeof VersionId>;

/** The version that serves, sealed by the digests of its files; and the switch to it: by whom, when, why and from which version. */
export const ActivePointer = VersionId.extend({
  contractSha256: Sha256,
  graphSha256: Sha256,
  /** `withdraw`: the new version did not come up, and there was none before it; nothing is active. */
  action: z.enum(['activate', 'rollback', 'promote', 'withdraw']),
  activatedAt: z.iso.datetime(),
  activatedBy: z.string().min(1),
  reason: z.string(),
  from: VersionId.nullable(),
});
export type ActivePointer = z.infer<typeof ActivePointer>;

/** Key of a flip in the history: keys sort by time. */
export function flipKey({ activatedAt, version }: ActivePointer): string {
  return `${FLIP_HISTORY_PREFIX}${activatedAt.replaceAll(/[:.]/g, '-')}-${version}.json`;
}

/** Whether a version serves under this pointer. */
export function isActive(pointer: ActivePointer | null | undefined, version: VersionId): boolean {
  return pointer != null && pointer.action !== 'withdraw' && sameVersion(pointer, version);
}

/** Whether a version was ever active, other than by a switch that was withdrawn. `flips` is in order of time. */
export function wasActive(flips: readonly ActivePointer[], version: VersionId): boolean {
  const approved = flips.reduce((count, flip) => {
    if (!sameVersion(flip, version)) return count;
    return flip.action === 'withdraw' ? count - 1 : count + 1;
  }, 0);
  return approved > 0;
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
