import type { R2Bucket } from '@cloudflare/workers-types';
import { ACTIVE_POINTER_KEY, ActivePointer, type ModelFile, modelKey } from '../../common/active-pointer.ts';
import { UserError } from './cli.ts';
import { type ModelFolder, sha256 } from './model-folder.ts';

/** contract.json comes last: a version whose contract is there is there whole. */
const FILES: readonly (readonly [ModelFile, contentType: string])[] = [
  ['model.onnx', 'application/octet-stream'],
  ['README.md', 'text/markdown; charset=utf-8'],
  ['contract.json', 'application/json'],
];

/** Stores a version under its immutable keys. What is there already must have the same bytes. */
export async function storeVersion(bucket: R2Bucket, { contract, files }: ModelFolder): Promise<void> {
  for (const [file, contentType] of FILES) {
    const key = modelKey(contract.name, contract.version, file);
    const stored = await bucket.get(key);
    if (!stored) await bucket.put(key, files[file], { httpMetadata: { contentType } });
    else if (sha256(Buffer.from(await stored.arrayBuffer())) !== sha256(files[file])) {
      throw new UserError(
        `${key} is already stored with other bytes, and a stored version never changes. Publish the change under a new version number. (The local store can be emptied: delete .local/v3.)`,
      );
    }
  }
}

export async function readActivePointer(bucket: R2Bucket): Promise<ActivePointer | null> {
  const object = await bucket.get(ACTIVE_POINTER_KEY);
  return object && ActivePointer.parse(await object.json());
}

type Flip = { by: string; reason: string; previous: ActivePointer | null; at: Date };

/** Makes a stored version the one that serves. */
export async function activateVersion(bucket: R2Bucket, { contract, files }: ModelFolder, flip: Flip): Promise<void> {
  const pointer: ActivePointer = {
    name: contract.name,
    version: contract.version,
    contractSha256: sha256(files['contract.json']),
    graphSha256: contract.graph.sha256,
    activatedAt: flip.at.toISOString(),
    activatedBy: flip.by,
    reason: flip.reason,
    previousVersion: flip.previous?.version ?? null,
  };
  await bucket.put(ACTIVE_POINTER_KEY, JSON.stringify(pointer, null, 2), {
    httpMetadata: { contentType: 'application/json' },
  });
}
