import { parseArgs } from 'node:util';
import { type ActivePointer, rollbackTargets, withdrawalOf } from '../../common/contract/active-pointer.ts';
import type { SigningKey } from '../../common/contract/signature.ts';
import { commonOptions, runCommand, step, UserError } from '../lib/cli.ts';
import { describePointer, readHistory, readPointer, switchVersion } from '../lib/model/active-version.ts';
import type { ModelFolder } from '../lib/model/model-folder.ts';
import type { ObjectStore } from '../lib/model/object-store.ts';
import { parseEnvironment, REMOTE_HELP, withStore } from '../lib/model/open-store.ts';
import { describeServed } from '../lib/model/served-versions.ts';
import { checkSignature, signingKeysOf } from '../lib/model/signing.ts';
import { readVersion } from '../lib/model/stored-versions.ts';
import { readSigner, SWITCH_HELP, switchOptions } from '../lib/model/switch-options.ts';
import { describeReport, verifyVersion } from '../lib/model/verify-version.ts';

const HELP = `Returns an environment to the model version that served before. Workers pick it up within 30 s, without a deploy.

  npm run rollback -- --env ENV --reason TEXT

Options:
  --env ENV        model, dev or prod
${SWITCH_HELP}

It goes to the nearest earlier version that is still good. It skips a version that a rollback left, one that was withdrawn, and
one whose files or
signature no longer verify. The versions that callers may ask for by number stay as they are.
${REMOTE_HELP}`;

const options = {
  env: { type: 'string' },
  ...switchOptions,
} as const;

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async (values) => {
    const environment = parseEnvironment(values.env);
    const signer = readSigner(values);
    return withStore(environment, values, async (store) => {
      const current = await readPointer(store);
      if (!current?.pointer || current.pointer.action === 'withdraw')
        throw new UserError(`No version is active in ${store.name}.`);
      const model = await nearestGood(store, current.pointer, await signingKeysOf(environment, values));
      const { name, version } = model.contract;
      if (values['dry-run'])
        return { text: `${environment} would return to ${name} ${version}.`, data: { changed: false, name, version } };
      const { pointer } = await step(`returning to ${name} ${version}`, () =>
        switchVersion(store, model, { action: 'rollback', ...signer, current }),
      );
      return {
        text: `Active in ${environment}: ${describePointer(pointer)}. ${describeServed(pointer)}`,
        data: { changed: true, active: pointer },
      };
    });
  },
);

async function nearestGood(
  store: ObjectStore,
  pointer: ActivePointer,
  keys: readonly SigningKey[],
): Promise<ModelFolder> {
  const targets = rollbackTargets(await readHistory(store)).filter((target) => !withdrawalOf(pointer, target));
  for (const { name, version } of targets) {
    try {
      const model = await step(`reading ${name} ${version} back`, () => readVersion(store, name, version));
      await checkSignature(model, keys);
      const { runtime } = await step('verifying it', () => verifyVersion(model), describeReport);
      return { ...model, runtime };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      console.error(`Passed over: ${error.message}`);
    }
  }
  throw new UserError(`${store.name} has no earlier good version to return to.`);
}
