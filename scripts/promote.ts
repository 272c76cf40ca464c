import { parseArgs } from 'node:util';
import { ACTIVE_POINTER_KEY, sameVersion } from '../common/active-pointer.ts';
import { commonOptions, runCommand, step, UserError } from './lib/cli.ts';
import { FLIP_HELP, flipOptions, readSigner } from './lib/flip-options.ts';
import { type CurrentPointer, describePointer, flip, readHistory, readPointer, wasActive } from './lib/flips.ts';
import type { ModelFolder } from './lib/model-folder.ts';
import type { ObjectStore } from './lib/object-store.ts';
import { type Environment, parseEnvironment, REMOTE_HELP, withStore } from './lib/open-store.ts';
import { checkAlive, waitForVersion } from './lib/smoke-test.ts';
import { readManifest, readVersion, storeVersion } from './lib/stored-versions.ts';
import { describeReport, verifyVersion } from './lib/verify-version.ts';

const HELP = `Lets a model version that served in one environment serve in another one: the same bytes.

  npm run promote -- --from dev --to prod --url URL --reason TEXT

Options:
  --from ENV       where the version is active, or was
  --to ENV         where it shall serve
  --url URL        the address of the target's Worker, for the smoke test
  --version X.Y.Z  the version (default: the one that is active in --from)
  --wait SECONDS   how long the target may take to serve the version (default 60)
${FLIP_HELP}

Nothing changes unless the version is or was active in --from, its files verify (sha256, parity, golden cases) and the target
answers. If the target does not serve the version in time, it is switched back.
${REMOTE_HELP}`;

const options = {
  from: { type: 'string' },
  to: { type: 'string' },
  url: { type: 'string' },
  version: { type: 'string' },
  wait: { type: 'string', default: '60' },
  ...flipOptions,
} as const;

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async (values) => {
    const from = parseEnvironment(values.from, '--from');
    const to = parseEnvironment(values.to, '--to');
    const { url } = values;
    if (from === to) throw new UserError('--from and --to name the same environment.', 2);
    if (!url || !URL.canParse(url)) throw new UserError("--url is missing: the address of the target's Worker.", 2);
    const signer = readSigner(values);
    const timeoutMs = Number(values.wait) * 1000;
    if (!(timeoutMs > 0)) throw new UserError('--wait must be a number of seconds.', 2);

    const { model, source } = await withStore(from, values, (store) => approvedVersion(store, from, values.version));
    const { name, version } = model.contract;
    await step('verifying it', () => verifyVersion(model), describeReport);
    await step(`asking ${url} whether it is alive`, () => checkAlive(url));
    if (values['dry-run'])
      return { text: `${name} ${version} could be promoted to ${to}.`, data: { changed: false, name, version } };

    return withStore(to, values, async (store) => {
      const current = await readPointer(store);
      await storeVersion(store, model, source);
      if (current && sameVersion(current.pointer, { name, version })) {
        return {
          text: `${describePointer(current.pointer)} serves already in ${to}.`,
          data: { changed: false, active: current.pointer },
        };
      }
      const flipped = await step(`switching ${to} to ${name} ${version}`, () =>
        flip(store, model, { action: 'promote', ...signer, current }),
      );
      try {
        await step(`waiting until ${url} serves it`, () => waitForVersion(url, model.contract, { timeoutMs }));
      } catch (error) {
        throw new UserError(
          `${error instanceof Error ? error.message : error}\n${await undo(store, flipped, current, signer.by)}`,
        );
      }
      return {
        text: `Active in ${to}: ${describePointer(flipped.pointer)}.`,
        data: { changed: true, active: flipped.pointer },
      };
    });
  },
);

async function approvedVersion(
  store: ObjectStore,
  from: Environment,
  wanted: string | undefined,
): Promise<{ model: ModelFolder; source: string }> {
  const history = await readHistory(store);
  const active = history.at(-1);
  if (!active) throw new UserError(`No version was ever active in ${from}: activate one there first.`);
  const id = { name: active.name, version: wanted ?? active.version };
  if (!wasActive(history, id))
    throw new UserError(
      `${id.name} ${id.version} was never active in ${from}, so it cannot be promoted. Activate it there first.`,
    );
  const model = await step(`reading ${id.name} ${id.version} from ${from}`, () =>
    readVersion(store, id.name, id.version),
  );
  const manifest = await readManifest(store, id.name, id.version);
  return { model, source: manifest?.source ?? store.name };
}

/** Returns the target to the version that it served before, and says so. */
async function undo(
  store: ObjectStore,
  flipped: CurrentPointer,
  before: CurrentPointer | null,
  by: string,
): Promise<string> {
  if (!before) {
    await store.remove(ACTIVE_POINTER_KEY);
    return `${store.name} had no active version before, and has none now.`;
  }
  const { name, version } = before.pointer;
  const model = await readVersion(store, name, version);
  await step(`switching back to ${name} ${version}`, () =>
    flip(store, model, { action: 'rollback', by, reason: 'the promoted version did not come up', current: flipped }),
  );
  return `${store.name} was switched back to ${name} ${version}.`;
}
