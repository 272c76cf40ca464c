import { isActive } from '../../../common/contract/active-pointer.ts';
import { UserError } from '../cli.ts';
import { readPointer, switchVersion } from '../model/active-version.ts';
import { type ModelFolder, sha256 } from '../model/model-folder.ts';
import type { ObjectStore } from '../model/object-store.ts';
import { storeVersion } from '../model/stored-versions.ts';
import { verifyVersion } from '../model/verify-version.ts';
import { noProgressBar } from '../progress-bar.ts';

/** What `npm start` signs its own activations with: a later start may replace them, but never a person's choice. */
const LOCAL_ACTIVATION = 'npm start';

/** The repository's own model, and what to do where other bytes are stored under its number. */
const OWN_MODEL = {
  source: 'model/ in the working tree',
  advice: 'Or empty all that is kept locally: npm run reset.',
};

/**
 * Stores a model, by default the working tree's, and activates it unless a person chose the active version. Resolves to a
 * sentence about it.
 */
export async function seed(
  store: ObjectStore,
  folder: ModelFolder,
  { source, advice }: { source: string; advice: string } = OWN_MODEL,
): Promise<string> {
  const { runtime } = await verifyVersion(folder);
  const model = { ...folder, runtime };
  await storeVersion(store, model, source, noProgressBar).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`${error.message} ${advice}`);
  });
  const { name, version } = model.contract;
  const current = await readPointer(store);
  const pointer = current?.pointer;
  if (isActive(pointer, { name, version }) && pointer?.contractSha256 === sha256(model.files['contract.json'])) {
    return `${version} is active`;
  }
  if (pointer?.action === 'withdraw' && pointer.activatedBy !== LOCAL_ACTIVATION)
    return `stored ${version}; nothing is active, as ${pointer.activatedBy} chose: npm run activate -- --env dev`;
  if (pointer && pointer.activatedBy !== LOCAL_ACTIVATION) {
    return `stored ${version}; ${pointer.name} ${pointer.version} stays active, as ${pointer.activatedBy} chose`;
  }
  await switchVersion(store, model, {
    action: 'activate',
    by: LOCAL_ACTIVATION,
    reason: `the version in ${source}`,
    current,
  });
  return `stored and activated ${name} ${version}`;
}
