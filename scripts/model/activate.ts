import { parseArgs } from 'node:util';
import { isActive, sameVersion, type VersionId } from '../../common/contract/active-pointer.ts';
import { commonOptions, runCommand, step, UserError } from '../lib/cli.ts';
import { describePointer, readPointer, switchVersion } from '../lib/model/active-version.ts';
import { parseEnvironment, REMOTE_HELP, withStore } from '../lib/model/open-store.ts';
import {
  checkAlsoServed,
  describeServed,
  readAlsoServed,
  SERVE_HELP,
  serveOptions,
  withdrawnBeside,
} from '../lib/model/served-versions.ts';
import { checkSignature, signingKeysOf } from '../lib/model/signing.ts';
import { findVersion, readVersion } from '../lib/model/stored-versions.ts';
import { readSigner, SWITCH_HELP, switchOptions } from '../lib/model/switch-options.ts';
import { describeReport, verifyVersion } from '../lib/model/verify-version.ts';

const HELP = `Makes a stored model version the one that serves in an environment. Workers pick it up within 30 s, without a deploy.

  npm run activate -- --env ENV --version X.Y.Z --reason TEXT

Options:
  --env ENV        model, dev or prod
  --version X.Y.Z  a version that is stored there (npm run models lists them)
  --name NAME      the model's name, where versions of several models have this number
${SERVE_HELP}
${SWITCH_HELP}

Every version named here is read back and verified (sha256 of every file, signature, parity, golden cases) before the switch. A withdrawn
version is refused.
${REMOTE_HELP}`;

const options = {
  env: { type: 'string' },
  version: { type: 'string' },
  name: { type: 'string' },
  ...serveOptions,
  ...switchOptions,
} as const;

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async (values) => {
    const environment = parseEnvironment(values.env);
    const { version } = values;
    if (!version) throw new UserError('--version is missing. npm run models lists the stored versions.', 2);
    const signer = readSigner(values);
    return withStore(environment, values, async (store) => {
      const current = await readPointer(store);
      const { name } = await findVersion(store, version, values.name);
      const alsoServing = readAlsoServed(values['also-serve'], name);
      const served = [{ name, version }, ...(alsoServing ?? [])];
      const withdrawn = withdrawnBeside(current?.pointer, served, values.reinstate);
      const model = await step(`reading ${name} ${version} back`, () => readVersion(store, name, version));
      const keys = await signingKeysOf(environment, values);
      await checkSignature(model, keys);
      const { runtime } = await step('verifying it', () => verifyVersion(model), describeReport);
      await checkAlsoServed(store, keys, alsoServing);
      const pointer = current?.pointer;
      if (pointer && isActive(pointer, { name, version }) && isSameList(pointer.alsoServing, alsoServing)) {
        return {
          text: `${describePointer(pointer)} serves already. ${describeServed(pointer)}`,
          data: { changed: false, active: pointer },
        };
      }
      if (values['dry-run'])
        return { text: `${name} ${version} could be activated in ${store.name}.`, data: { changed: false } };
      const switched = await step('switching', () =>
        switchVersion(store, { ...model, runtime }, { action: 'activate', ...signer, current, alsoServing, withdrawn }),
      );
      return {
        text: `Active in ${environment}: ${describePointer(switched.pointer)}. ${describeServed(switched.pointer)}`,
        data: { changed: true, active: switched.pointer },
      };
    });
  },
);

/** Whether the wanted versions, if any are named, are those that may be asked for now. */
function isSameList(present: readonly VersionId[] = [], wanted: readonly VersionId[] = present): boolean {
  return present.length === wanted.length && present.every((it) => wanted.some((id) => sameVersion(id, it)));
}
