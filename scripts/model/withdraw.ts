import { parseArgs } from 'node:util';
import { isActive, withdrawalOf } from '../../common/contract/active-pointer.ts';
import { commonOptions, runCommand, step, UserError } from '../lib/cli.ts';
import { readPointer, withdrawVersion } from '../lib/model/active-version.ts';
import { parseEnvironment, REMOTE_HELP, withStore } from '../lib/model/open-store.ts';
import { describeServed } from '../lib/model/served-versions.ts';
import { findVersion } from '../lib/model/stored-versions.ts';
import { readSigner, SWITCH_HELP, switchOptions } from '../lib/model/switch-options.ts';

const HELP = `Withdraws a model version from an environment: it answers nobody any more. Workers follow within 30 s, without a deploy.

  npm run withdraw -- --env ENV --version X.Y.Z --reason TEXT

Options:
  --env ENV        model, dev or prod
  --version X.Y.Z  the version
  --name NAME      the model's name, where versions of several models have this number
  --stop-serving   withdraw it although it is the active one: the environment then has no model
${SWITCH_HELP}

The withdrawal holds: activate, promote and rollback refuse the version, until activate or promote gets --reinstate. Its files
stay, for the record, and so do its predictions. To replace an active version first: npm run rollback, or npm run activate.
${REMOTE_HELP}`;

const options = {
  env: { type: 'string' },
  version: { type: 'string' },
  name: { type: 'string' },
  'stop-serving': { type: 'boolean', default: false },
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
      const id = await findVersion(store, version, values.name);
      const which = `${id.name} ${version}`;
      const earlier = withdrawalOf(current?.pointer, id);
      if (earlier) {
        return {
          text: `${which} was withdrawn already, on ${earlier.withdrawnAt} by ${earlier.withdrawnBy}: ${earlier.reason}.`,
          data: { changed: false, withdrawal: earlier },
        };
      }
      if (isActive(current?.pointer, id) && !values['stop-serving']) {
        throw new UserError(
          `${which} serves in ${environment}. Let another version serve first (npm run rollback, or npm run activate), or give --stop-serving to leave ${environment} without a model. Nothing was changed.`,
        );
      }
      if (values['dry-run'])
        return { text: `${which} could be withdrawn from ${environment}.`, data: { changed: false, ...id } };
      const { pointer } = await step(`withdrawing ${which}`, () => withdrawVersion(store, id, { ...signer, current }));
      const left = pointer.action === 'withdraw' ? 'Nothing is active.' : `${pointer.name} ${pointer.version} serves.`;
      return {
        text: `Withdrawn from ${environment}: ${which}. ${left} ${describeServed(pointer)}`,
        data: { changed: true, withdrawal: withdrawalOf(pointer, id), active: pointer },
      };
    });
  },
);
