import { userInfo } from 'node:os';
import {
  ACTIVE_POINTER_KEY,
  ActivePointer,
  FLIP_HISTORY_PREFIX,
  flipKey,
} from '../../../common/contract/active-pointer.ts';
import { UserError } from '../cli.ts';
import { type ModelFolder, sha256 } from './model-folder.ts';
import type { ObjectStore } from './object-store.ts';

/** The pointer as it was read, with what a conditional put compares. Null where what is there is no pointer. */
export type CurrentPointer = { pointer: ActivePointer | null; etag: string };

export async function readPointer(store: ObjectStore): Promise<CurrentPointer | null> {
  const object = await store.get(ACTIVE_POINTER_KEY);
  if (!object) return null;
  const pointer = parsePointer(object.bytes);
  if (!pointer)
    console.error(`Warning: ${ACTIVE_POINTER_KEY} in ${store.name} is malformed; npm run activate replaces it.`);
  return { pointer, etag: object.etag };
}

export type FlipRequest = {
  action: ActivePointer['action'];
  by: string;
  reason: string;
  /** The pointer that the decision was made on: the flip is refused if it is no longer this one. */
  current: CurrentPointer | null;
};

export type Flipped = { pointer: ActivePointer; etag: string };

/**
 * Points to a stored version, and resolves to the new pointer. One object is put, on the condition that nobody else flipped
 * since `current` was read: of concurrent flips one wins, and the others throw.
 */
export async function flip(
  store: ObjectStore,
  { contract, files }: ModelFolder,
  request: FlipRequest,
): Promise<Flipped> {
  const { action, by, reason, current } = request;
  const before = current?.pointer ?? null;
  const pointer: ActivePointer = {
    name: contract.name,
    version: contract.version,
    contractSha256: sha256(files['contract.json']),
    graphSha256: contract.graph.sha256,
    action,
    activatedAt: after(before),
    activatedBy: by,
    reason,
    from: before && { name: before.name, version: before.version },
  };
  // A flip whose history entry was not written, because its process was stopped, gets it now.
  if (before) await writeHistory(store, before);
  const etag = await store.put(ACTIVE_POINTER_KEY, toBytes(pointer), {
    contentType: 'application/json',
    condition: current ? { etag: current.etag } : 'absent',
  });
  const flipped = etag === null ? await findOwn(store, pointer) : { pointer, etag };
  await writeHistory(store, pointer);
  return flipped;
}

/** The history is ordered by these times, so that they must ascend, whatever the clocks of those who flip say. */
function after(before: ActivePointer | null): string {
  const earliest = before ? Date.parse(before.activatedAt) + 1 : 0;
  return new Date(Math.max(Date.now(), earliest)).toISOString();
}

/** A put that took effect, but whose answer was lost, is repeated and then refused: what is there may be our own. */
async function findOwn(store: ObjectStore, pointer: ActivePointer): Promise<Flipped> {
  const found = await readPointer(store);
  if (found && JSON.stringify(found.pointer) === JSON.stringify(pointer)) return { pointer, etag: found.etag };
  const winner = found?.pointer ? describePointer(found.pointer) : 'nothing';
  throw new UserError(
    `Somebody else switched ${store.name} at the same time; now it serves ${winner}. Nothing was changed. Look again, then repeat.`,
  );
}

/** All flips, in order of time. */
export async function readHistory(store: ObjectStore): Promise<ActivePointer[]> {
  const flips: ActivePointer[] = [];
  for (const key of await store.list(FLIP_HISTORY_PREFIX)) {
    const object = await store.get(key);
    const past = object && parsePointer(object.bytes);
    if (past) flips.push(past);
    else console.error(`Warning: ${key} in ${store.name} is malformed, and passed over.`);
  }
  const pointer = (await readPointer(store))?.pointer;
  if (pointer && flips.at(-1)?.activatedAt !== pointer.activatedAt) flips.push(pointer);
  return flips;
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
