import { userInfo } from 'node:os';
import {
  ACTIVE_POINTER_KEY,
  ActivePointer,
  FLIP_HISTORY_PREFIX,
  flipKey,
  sameVersion,
  type VersionId,
} from '../../common/active-pointer.ts';
import { UserError } from './cli.ts';
import { type ModelFolder, sha256 } from './model-folder.ts';
import type { ObjectStore } from './object-store.ts';

/** The pointer as it was read, with what a conditional put compares. */
export type CurrentPointer = { pointer: ActivePointer; etag: string };

export async function readPointer(store: ObjectStore): Promise<CurrentPointer | null> {
  const object = await store.get(ACTIVE_POINTER_KEY);
  return object && { pointer: parsePointer(object.bytes), etag: object.etag };
}

export type FlipRequest = {
  action: ActivePointer['action'];
  by: string;
  reason: string;
  /** The pointer that the decision was made on: the flip is refused if it is no longer this one. */
  current: CurrentPointer | null;
};

/**
 * Makes a stored version the one that serves, and resolves to the new pointer. One object is put, on the condition that
 * nobody else flipped since `current` was read: of concurrent flips one wins, and the others throw.
 */
export async function flip(
  store: ObjectStore,
  { contract, files }: ModelFolder,
  request: FlipRequest,
): Promise<CurrentPointer> {
  const { action, by, reason, current } = request;
  const pointer: ActivePointer = {
    name: contract.name,
    version: contract.version,
    contractSha256: sha256(files['contract.json']),
    graphSha256: contract.graph.sha256,
    action,
    activatedAt: new Date().toISOString(),
    activatedBy: by,
    reason,
    from: current && idOf(current.pointer),
  };
  // A flip whose history entry was not written, because its process was stopped, gets it now.
  if (current) await writeHistory(store, current.pointer);
  const won = await store.put(ACTIVE_POINTER_KEY, toBytes(pointer), {
    contentType: 'application/json',
    condition: current ? { etag: current.etag } : 'absent',
  });
  const after = await readPointer(store);
  if (!won) {
    const winner = after ? `${describePointer(after.pointer)}` : 'nothing';
    throw new UserError(
      `Somebody else switched ${store.name} at the same time; now it serves ${winner}. Nothing was changed. Look again, then repeat.`,
    );
  }
  await writeHistory(store, pointer);
  if (!after) throw new UserError(`The pointer of ${store.name} vanished right after it had been written.`);
  return after;
}

/** All flips, in order of time. */
export async function readHistory(store: ObjectStore): Promise<ActivePointer[]> {
  const flips: ActivePointer[] = [];
  for (const key of await store.list(FLIP_HISTORY_PREFIX)) {
    const object = await store.get(key);
    if (object) flips.push(parsePointer(object.bytes));
  }
  const current = await readPointer(store);
  if (current && flips.at(-1)?.activatedAt !== current.pointer.activatedAt) flips.push(current.pointer);
  return flips;
}

export function wasActive(history: readonly ActivePointer[], version: VersionId): boolean {
  return history.some((past) => sameVersion(past, version));
}

export function describePointer({ name, version, activatedAt, activatedBy, reason }: ActivePointer): string {
  return `${name} ${version} (since ${activatedAt}, by ${activatedBy}${reason && `: ${reason}`})`;
}

/** Who runs this command, where --by does not say: the CI's actor, or the account on this machine. */
export function currentUser(): string {
  return process.env['GITHUB_ACTOR'] || userInfo().username;
}

async function writeHistory(store: ObjectStore, pointer: ActivePointer): Promise<void> {
  await store.put(flipKey(pointer), toBytes(pointer), { contentType: 'application/json', condition: 'absent' });
}

function parsePointer(bytes: Uint8Array): ActivePointer {
  try {
    return ActivePointer.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (error) {
    throw new UserError(
      `A pointer under channels/ is malformed: ${error instanceof Error ? error.message : error}. Restore it from its history (channels/history/); on this machine npm run reset starts anew.`,
    );
  }
}

function toBytes(pointer: ActivePointer): Uint8Array {
  return Buffer.from(JSON.stringify(pointer, null, 2));
}

function idOf({ name, version }: VersionId): VersionId {
  return { name, version };
}
