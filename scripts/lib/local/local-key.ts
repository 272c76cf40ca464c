import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ApiKey, keyIdOf } from '../../../common/api/api-key.ts';
import { Scope } from '../../../common/api/scope.ts';
import { UserError } from '../cli.ts';
import { createKey, digestOf } from '../deploy/api-keys.ts';
import { readTextIfPresent } from '../text.ts';

export const LOCAL_KEY_ID = 'local';

const GRANTED = { id: LOCAL_KEY_ID, scopes: [...Scope.options], expiresAt: null };

/**
 * The API key of the worker on this machine, which may do everything there. It comes from the file api-key of a data
 * directory. A missing file is created, readable by its owner only.
 */
export async function provideLocalKey(directory: string): Promise<{ path: string; apiKey: ApiKey }> {
  const path = join(directory, 'api-key');
  const present = await readTextIfPresent(path);
  if (present === null) {
    const { key, apiKey } = createKey(GRANTED);
    await writeFile(path, `${key}\n`, { mode: 0o600, flag: 'wx' });
    return { path, apiKey };
  }
  const key = present.trim();
  if (keyIdOf(key) !== LOCAL_KEY_ID)
    throw new UserError(`${path} has no key of npm start. Delete it: the next start makes a new one.`);
  return { path, apiKey: { ...GRANTED, sha256: digestOf(key) } };
}
