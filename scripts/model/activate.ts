import { parseArgs } from 'node:util';
import { isActive } from '../../common/contract/active-pointer.ts';
import { commonOptions, runCommand, step, UserError } from '../lib/cli.ts';
import { describePointer, readPointer, switchVersion } from '../lib/model/active-version.ts';
import { parseEnvironment, REMOTE_HELP, withStore } from '../lib/model/open-store.ts';
import { listVersions, readVersion } from '../lib/model/stored-versions.ts';
import { readSigner, SWITCH_HELP, switchOptions } from '../lib/model/switch-options.ts';
import { describeReport, verifyVersion } from '../lib/model/verify-version.ts';

const HELP = `Makes a stored model version the one that serves in an environment. Workers pick it up within 30 s, without a deploy.

  npm run activate -- --env ENV --version X.Y.Z --reason TEXT

Options:
  --env ENV        model, dev or prod
  --version X.Y.Z  a version that is stored there (npm run models lists them)
  --name NAME      the model's name, where versions of several models have this number
${SWITCH_HELP}

The version is read back and verified (sha256 of every file, parity, golden cases) before the switch.
${REMOTE_HELP}`;

const options = {
  env: { type: 'string' },
  version: { type: 'string' },
  name: { type: 'string' },
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
      const matching = (await listVersions(store)).filter(
        (stored) => stored.version === version && (!values.name || stored.name === values.name),
      );
      const [stored] = matching;
      if (!stored)
        throw new UserError(
          `Version ${version} is not in ${store.name}. Mirror it first: npm run mirror-model -- --env ${environment} --version ${version}`,
        );
      if (matching.length > 1)
        throw new UserError(`Several models have a version ${version}: say which with --name.`, 2);
      const { name } = stored;
      const model = await step(`reading ${name} ${version} back`, () => readVersion(store, name, version));
      await step('verifying it', () => verifyVersion(model), describeReport);
      const pointer = current?.pointer;
      if (pointer && isActive(pointer, { name, version })) {
        return {
          text: `${describePointer(pointer)} serves already.`,
          data: { changed: false, active: pointer },
        };
      }
      if (values['dry-run'])
        return { text: `${name} ${version} could be activated in ${store.name}.`, data: { changed: false } };
      const switched = await step('switching', () =>
        switchVersion(store, model, { action: 'activate', ...signer, current }),
      );
      return {
        text: `Active in ${environment}: ${describePointer(switched.pointer)}.`,
        data: { changed: true, active: switched.pointer },
      };
    });
  },
);
