import {
  type ActivePointer,
  sameVersion,
  servedVersions,
  type VersionId,
  withdrawalOf,
} from '../../../common/contract/active-pointer.ts';
import type { SigningKey } from '../../../common/contract/signature.ts';
import { step, UserError } from '../cli.ts';
import type { ObjectStore } from './object-store.ts';
import { checkSignature } from './signing.ts';
import { readVersion } from './stored-versions.ts';
import { describeReport, verifyVersion } from './verify-version.ts';

/** The options of the commands that decide which versions may be asked for, for parseArgs. */
export const serveOptions = {
  'also-serve': { type: 'string', multiple: true },
  reinstate: { type: 'boolean', default: false },
} as const;

export const SERVE_HELP = `  --also-serve X.Y.Z  a stored version that callers may ask for by number beside the active one, or NAME/X.Y.Z; repeat the option
                   for more; "none" for no other version (default: those of now)
  --reinstate      let a version serve although it was withdrawn`;

/** The versions that --also-serve names; undefined where it is not given. `name` is the active model's. */
export function readAlsoServed(given: readonly string[] | undefined, name: string): VersionId[] | undefined {
  if (!given) return undefined;
  if (given.length === 1 && given[0] === 'none') return [];
  return given.map((text) => {
    const [, other, version] = text.match(/^(?:([a-z0-9-]+)\/)?(\d+\.\d+\.\d+)$/) ?? [];
    if (!version) throw new UserError(`--also-serve must be X.Y.Z, NAME/X.Y.Z or "none", not "${text}".`, 2);
    return { name: other ?? name, version };
  });
}

/** Verifies the versions that may be asked for, as the active one is. */
export async function checkAlsoServed(
  store: ObjectStore,
  keys: readonly SigningKey[],
  versions: readonly VersionId[] = [],
): Promise<void> {
  for (const { name, version } of versions) {
    const model = await step(`reading ${name} ${version} back`, () => readVersion(store, name, version));
    await checkSignature(model, keys);
    await step('verifying it', () => verifyVersion(model), describeReport);
  }
}

/** Which versions stay withdrawn when these serve. Throws where one of them was withdrawn, and nobody reinstates it. */
export function withdrawnBeside(
  pointer: ActivePointer | null | undefined,
  versions: readonly VersionId[],
  reinstate: boolean,
): NonNullable<ActivePointer['withdrawn']> {
  for (const id of versions) {
    const withdrawal = withdrawalOf(pointer, id);
    if (!withdrawal || reinstate) continue;
    const { name, version, withdrawnAt, withdrawnBy, reason } = withdrawal;
    throw new UserError(
      `${name} ${version} was withdrawn on ${withdrawnAt} by ${withdrawnBy}: ${reason}. Nothing was changed. If it may serve again, give --reinstate.`,
    );
  }
  return (pointer?.withdrawn ?? []).filter((it) => !versions.some((id) => sameVersion(id, it)));
}

/** Which versions may be asked for, as a sentence. */
export function describeServed(pointer: ActivePointer): string {
  const others = servedVersions(pointer).filter((it) => !sameVersion(it, pointer));
  const list = others.map(({ name, version }) => (name === pointer.name ? version : `${name} ${version}`));
  return list.length > 0
    ? `Callers may also ask for ${list.join(', ')}.`
    : 'Callers may ask for no other version by number.';
}
