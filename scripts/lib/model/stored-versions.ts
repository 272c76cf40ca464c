import type { VersionId } from '../../../common/contract/active-pointer.ts';
import { compareVersions, Manifest, type ModelFile, modelKey } from '../../../common/contract/model-version.ts';
import { SIGNATURE_FILE } from '../../../common/contract/signature.ts';
import { UserError } from '../cli.ts';
import { type StartBar, startProgressBar } from '../progress-bar.ts';
import { formatBytes } from '../text.ts';
import { checkFiles, filesOf, type ModelFiles, type ModelFolder, sha256, type VersionFile } from './model-folder.ts';
import type { ObjectStore } from './object-store.ts';

const CONTENT_TYPES: Record<VersionFile, string> = {
  'model.onnx': 'application/octet-stream',
  'contract.json': 'application/json',
  'README.md': 'text/markdown; charset=utf-8',
  [SIGNATURE_FILE]: 'application/json',
};

/** The outcome of storing a version. */
export type StoreOutcome = 'stored' | 'already stored';

/**
 * Stores a version under its immutable keys, the manifest last. An interrupted run leaves no version that could be activated,
 * and the next run completes it. Throws where a key holds other bytes.
 */
export async function storeVersion(
  store: ObjectStore,
  model: ModelFolder,
  source: string,
  startBar: StartBar = startProgressBar,
): Promise<StoreOutcome> {
  const { contract, files } = model;
  const { name, version } = contract;
  for (const { path, bytes } of filesOf(model))
    await putImmutable(store, modelKey(name, version, path), bytes, CONTENT_TYPES[path], startBar);
  const manifest: Manifest = {
    name,
    version,
    files: {
      'model.onnx': digest(files['model.onnx']),
      'contract.json': digest(files['contract.json']),
      'README.md': digest(files['README.md']),
    },
    source,
    storedAt: new Date().toISOString(),
    ...(model.runtime && { runtime: model.runtime }),
  };
  const isNew = await store.put(
    modelKey(name, version, 'manifest.json'),
    Buffer.from(JSON.stringify(manifest, null, 2)),
    {
      contentType: 'application/json',
      condition: 'absent',
    },
  );
  return isNew === null ? 'already stored' : 'stored';
}

async function putImmutable(
  store: ObjectStore,
  key: string,
  bytes: Uint8Array,
  contentType: string,
  startBar: StartBar,
): Promise<void> {
  const bar = startBar(`store ${key}`, bytes.length);
  const stored = await store.get(key);
  if (!stored) {
    if (await store.put(key, bytes, { contentType, condition: 'absent' })) return bar.done();
    // Another run stored it meanwhile: its bytes must be the same.
    return putImmutable(store, key, bytes, contentType, startBar);
  }
  if (sha256(stored.bytes) !== sha256(bytes)) {
    throw new UserError(
      `${key} is already in ${store.name} with other bytes, and a stored version never changes. Publish the change under a new version number.`,
    );
  }
  bar.done('already there');
}

function digest(bytes: Uint8Array) {
  return { sha256: sha256(bytes), bytes: bytes.length };
}

/** Reads a stored version back, and checks every file against the manifest, and the graph against the contract. */
export async function readVersion(store: ObjectStore, name: string, version: string): Promise<ModelFolder> {
  const manifest = await readManifest(store, name, version);
  if (!manifest) {
    throw new UserError(
      `${name} ${version} is not (completely) in ${store.name}. Mirror it first: npm run mirror-model -- --version ${version}`,
    );
  }
  const read = async (file: ModelFile) => {
    const key = modelKey(name, version, file);
    const object = await store.get(key);
    const { sha256: expected, bytes } = manifest.files[file];
    if (!object) throw new UserError(`${key} is missing from ${store.name}, although its manifest is there.`);
    if (sha256(object.bytes) !== expected) {
      throw new UserError(
        `${key} in ${store.name} was changed: it has ${formatBytes(object.bytes.length)} and sha256 ${sha256(object.bytes)}; ${formatBytes(bytes)} and ${expected} were stored.`,
      );
    }
    return object.bytes;
  };
  const files: ModelFiles = {
    'model.onnx': await read('model.onnx'),
    'contract.json': await read('contract.json'),
    'README.md': await read('README.md'),
  };
  // It is not in the manifest: a key of the environment, or none, tells whether it is right.
  const signature = (await store.get(modelKey(name, version, SIGNATURE_FILE)))?.bytes ?? null;
  const model = checkFiles(files, `${name} ${version} in ${store.name}`, signature);
  return { ...model, runtime: manifest.runtime };
}

export async function readManifest(store: ObjectStore, name: string, version: string): Promise<Manifest | null> {
  const object = await store.get(modelKey(name, version, 'manifest.json'));
  return object && Manifest.parse(JSON.parse(Buffer.from(object.bytes).toString('utf8')));
}

/** The one stored version with this number; of this model, where it is named. Throws where there is none, or more than one. */
export async function findVersion(store: ObjectStore, version: string, name?: string): Promise<VersionId> {
  const [found, ...others] = (await listVersions(store)).filter(
    (stored) => stored.version === version && (!name || stored.name === name),
  );
  if (!found)
    throw new UserError(
      `Version ${version} is not in ${store.name}. Mirror it first: npm run mirror-model -- --version ${version}`,
    );
  if (others.length > 0) throw new UserError(`Several models have a version ${version}: say which with --name.`, 2);
  return found;
}

/** The complete versions in a store, the newest first. */
export async function listVersions(store: ObjectStore): Promise<{ name: string; version: string }[]> {
  const keys = await store.list('models/');
  return keys
    .flatMap((key) => {
      const [, name, version] = key.match(/^models\/([^/]+)\/([^/]+)\/manifest\.json$/) ?? [];
      return name && version ? [{ name, version }] : [];
    })
    .sort((a, b) => a.name.localeCompare(b.name) || compareVersions(b.version, a.version));
}
