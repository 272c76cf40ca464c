import { userInfo } from 'node:os';
import {
  ACTIVE_POINTER_KEY,
  ActivePointer,
  FLIP_HISTORY_PREFIX,
  flipKey,
  isActive,
  sameVersion,
  type VersionId,
} from '../../../common/contract/active-pointer.ts';
import { UserError } from '../cli.ts';
import { type ModelFolder, sha256 } from './model-folder.ts';
import type { ObjectStore } from './object-store.ts';
import { readManifest } from './stored-versions.ts';

/** The pointer, null where the object is malformed, and the etag that a conditional put compares. */
export type CurrentPointer = { pointer: ActivePointer | null; etag: string };

export async function readPointer(store: ObjectStore): Promise<CurrentPointer | null> {
  const object = await store.get(ACTIVE_POINTER_KEY);
  if (!object) return null;
  const pointer = parsePointer(object.bytes);
  if (!pointer)
    console.error(`Warning: ${ACTIVE_POINTER_KEY} in ${store.name} is malformed; npm run activate replaces it.`);
  return { pointer, etag: object.etag };
}

export type SwitchRequest = {
  action: ActivePointer['action'];
  by: string;
  reason: string;
  /** The pointer that the caller decided on. The switch is refused where the store holds another one by now. */
  current: CurrentPointer | null;
  /** The versions that may be asked for by number beside this one. Default: those of `current`. */
  alsoServing?: readonly VersionId[] | undefined;
  /** The versions that are withdrawn. Default: those of `current`. */
  withdrawn?: ActivePointer['withdrawn'];
};

export type Switched = { pointer: ActivePointer; etag: string };

/**
 * Switches the active version to a stored one, and resolves to the new pointer. It puts one object, on the condition that
 * the store still holds `current`: of concurrent switches one wins, and the others throw.
 */
export async function switchVersion(
  store: ObjectStore,
  { contract, files, runtime }: ModelFolder,
  request: SwitchRequest,
): Promise<Switched> {
  const { action, by, reason, current } = request;
  const before = current?.pointer ?? null;
  return putPointer(store, current, {
    name: contract.name,
    version: contract.version,
    contractSha256: sha256(files['contract.json']),
    graphSha256: contract.graph.sha256,
    action,
    activatedAt: after(before),
    activatedBy: by,
    reason,
    from: before && { name: before.name, version: before.version },
    alsoServing: [...(request.alsoServing ?? before?.alsoServing ?? [])],
    withdrawn: request.withdrawn ?? before?.withdrawn ?? [],
    ...(runtime && { runtime }),
  });
}

/**
 * Withdraws a stored version: callers can no longer ask for it. Where it is the active one, or nothing is, nothing is active
 * afterwards. Concurrent switches are as in `switchVersion`.
 */
export async function withdrawVersion(
  store: ObjectStore,
  { name, version }: VersionId,
  { by, reason, current }: Pick<SwitchRequest, 'by' | 'reason' | 'current'>,
): Promise<Switched> {
  const before = current?.pointer ?? null;
  const activatedAt = after(before);
  const isServing = before !== null && isActive(before, before) && !sameVersion(before, { name, version });
  return putPointer(store, current, {
    ...(isServing ? before : { name, version, ...(await digestsOf(store, { name, version })), action: 'withdraw' }),
    activatedAt,
    activatedBy: by,
    reason,
    from: before && { name: before.name, version: before.version },
    alsoServing: (before?.alsoServing ?? []).filter((it) => !sameVersion(it, { name, version })),
    withdrawn: [...(before?.withdrawn ?? []), { name, version, withdrawnAt: activatedAt, withdrawnBy: by, reason }],
  });
}

async function digestsOf(store: ObjectStore, { name, version }: VersionId) {
  const manifest = await readManifest(store, name, version);
  if (!manifest) throw new UserError(`${name} ${version} is not (completely) in ${store.name}.`);
  const { files } = manifest;
  return {
    contractSha256: files['contract.json'].sha256,
    graphSha256: files['model.onnx'].sha256,
    ...(manifest.runtime && { runtime: manifest.runtime }),
  };
}

async function putPointer(
  store: ObjectStore,
  current: CurrentPointer | null,
  pointer: ActivePointer,
): Promise<Switched> {
  const before = current?.pointer ?? null;
  // The process of the previous switch may have stopped before it wrote the history entry: write it now.
  if (before) await writeHistory(store, before);
  const etag = await store.put(ACTIVE_POINTER_KEY, toBytes(pointer), {
    contentType: 'application/json',
    condition: current ? { etag: current.etag } : 'absent',
  });
  const switched = etag === null ? await findOwn(store, pointer) : { pointer, etag };
  await writeHistory(store, pointer);
  return switched;
}

/** These times order the history, so they must ascend, even where the clock of this machine is late. */
function after(before: ActivePointer | null): string {
  const earliest = before ? Date.parse(before.activatedAt) + 1 : 0;
  return new Date(Math.max(Date.now(), earliest)).toISOString();
}

/** After a lost answer the client repeats the put, and the store refuses it: the pointer found there may be our own. */
async function findOwn(store: ObjectStore, pointer: ActivePointer): Promise<Switched> {
  const found = await readPointer(store);
  if (found && JSON.stringify(found.pointer) === JSON.stringify(pointer)) return { pointer, etag: found.etag };
  const winner = found?.pointer ? describePointer(found.pointer) : 'nothing';
  throw new UserError(
    `Somebody else switched ${store.name} at the same time; now it serves ${winner}. Nothing was changed. Look again, then repeat.`,
  );
}

/** Every switch, in order of time. */
export async function readHistory(store: ObjectStore): Promise<ActivePointer[]> {
  const switches: ActivePointer[] = [];
  for (const key of await store.list(FLIP_HISTORY_PREFIX)) {
    const object = await store.get(key);
    const past = object && parsePointer(object.bytes);
    if (past) switches.push(past);
    else console.error(`Warning: ${key} in ${store.name} is malformed, and passed over.`);
  }
  const pointer = (await readPointer(store))?.pointer;
  if (pointer && switches.at(-1)?.activatedAt !== pointer.activatedAt) switches.push(pointer);
  return switches;
}

export function describePointer({ name, version, activatedAt, activatedBy, reason }: ActivePointer): string {
  return `${name} ${version} (since ${activatedAt}, by ${activatedBy}${reason && `: ${reason}`})`;
}

/** The user that the history names without --by: the actor of the CI run, or the account on this machine. */
export function currentUser(): string {
  return process.env['GITHUB_ACTOR'] || userInfo().username;
}

async function writeHistory(store: ObjectStore, pointer: ActivePointer): Promise<void> {
  await store.put(flipKey(pointer), toBytes(pointer), { contentType: 'application/json', condition: 'absent' });
}

function parsePointer(bytes: Uint8Array): ActivePointer | null {
  try {
    return ActivePointer.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    return null;
  }
}

function toBytes(pointer: ActivePointer): Uint8Array {
  return Buffer.from(JSON.stringify(pointer, null, 2));
}
