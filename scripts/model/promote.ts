import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { type ActivePointer, isActive, wasActive, withdrawalOf } from '../../common/contract/active-pointer.ts';
import { commonOptions, type Result, runCommand, step, UserError } from '../lib/cli.ts';
import { type Interruption, watchInterruption } from '../lib/deploy/interruption.ts';
import {
  type CurrentPointer,
  describePointer,
  readHistory,
  readPointer,
  type Switched,
  switchVersion,
} from '../lib/model/active-version.ts';
import type { ModelFolder } from '../lib/model/model-folder.ts';
import type { ObjectStore } from '../lib/model/object-store.ts';
import { type Environment, parseEnvironment, REMOTE_HELP, withStore } from '../lib/model/open-store.ts';
import { checkTarget, waitUntilServed } from '../lib/model/promotion-target.ts';
import {
  checkAlsoServed,
  describeServed,
  readAlsoServed,
  SERVE_HELP,
  serveOptions,
  withdrawnBeside,
} from '../lib/model/served-versions.ts';
import { checkSignature, signingKeysOf } from '../lib/model/signing.ts';
import { readManifest, readVersion, storeVersion } from '../lib/model/stored-versions.ts';
import { readSigner, SWITCH_HELP, switchOptions } from '../lib/model/switch-options.ts';
import { describeReport, verifyVersion } from '../lib/model/verify-version.ts';

const HELP = `Lets a model version that served in one environment serve in another one: the same bytes.

  npm run promote -- --from dev --to prod --url URL --reason TEXT

Options:
  --from ENV       the environment where the version is or was active
  --to ENV         the environment where it is to serve
  --url URL        the address of the target's Worker, for the smoke test
  --before-deploy  in place of --url, for a target that has neither a model nor a Worker: its first deployment tests the version
  --version X.Y.Z  the version (default: the one that is active in --from)
  --wait SECONDS   how long the target may take to serve the version (default 60)
${SERVE_HELP}
${SWITCH_HELP}

Nothing changes unless the version is or was active in --from and withdrawn nowhere, its files verify (sha256, signature, parity, golden cases) and the target
is ready and serves what is active there. If it does not serve the new version in time, or (with --remote) Ctrl-C stops the
wait, it is switched back. The test makes one prediction, of the contract's first example, which the target records like any
other. Where the target does not let everybody predict, FUTURISYS_API_KEY in the environment must be an API key of it with the
scope "predict".
${REMOTE_HELP}`;

const options = {
  from: { type: 'string' },
  to: { type: 'string' },
  url: { type: 'string' },
  'before-deploy': { type: 'boolean', default: false },
  version: { type: 'string' },
  wait: { type: 'string', default: '60' },
  ...serveOptions,
  ...switchOptions,
} as const;

let isInterrupted = () => false;
await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async (values) => {
    const from = parseEnvironment(values.from, '--from');
    const to = parseEnvironment(values.to, '--to');
    const { url = '' } = values;
    const isFirst = values['before-deploy'];
    if (from === to) throw new UserError('--from and --to name the same environment.', 2);
    if (isFirst === (url !== ''))
      throw new UserError('Give --url, or --before-deploy where there is no Worker yet.', 2);
    if (!isFirst && !URL.canParse(url)) throw new UserError("--url is missing: the address of the target's Worker.", 2);
    const signer = readSigner(values);
    const timeoutMs = Number(values.wait) * 1000;
    if (!(timeoutMs > 0)) throw new UserError('--wait must be a number of seconds.', 2);

    const { model: approved, source } = await withStore(from, values, (store) =>
      approvedVersion(store, from, values.version),
    );
    const { name, version } = approved.contract;
    const keys = await signingKeysOf(to, values);
    await checkSignature(approved, keys);
    const { runtime } = await step('verifying it', () => verifyVersion(approved), describeReport);
    const model = { ...approved, runtime };
    const outcome = await withStore(to, values, async (store): Promise<Promoted | Result> => {
      const current = await readPointer(store);
      const active = activeOf(current);
      if (current && isActive(active, { name, version })) {
        return { text: `${name} ${version} serves already in ${to}.`, data: { changed: false, active } };
      }
      if (isFirst && active)
        throw new UserError(
          `${active.name} ${active.version} is active in ${to}: promote with --url, so that the target is tested.`,
        );
      const alsoServing = readAlsoServed(values['also-serve'], name);
      const served = [{ name, version }, ...(alsoServing ?? [])];
      const withdrawn = withdrawnBeside(current?.pointer, served, values.reinstate);
      await checkAlsoServed(store, keys, alsoServing);
      if (!isFirst) await step(`asking ${url} whether it is the target, and ready`, () => checkTarget(url, active));
      if (values['dry-run'])
        return { text: `${name} ${version} could be promoted to ${to}.`, data: { changed: false, name, version } };

      await storeVersion(store, model, source);
      const interruption = watchInterruption();
      isInterrupted = () => interruption.signal.aborted;
      const switched = await step(`switching ${to} to ${name} ${version}`, () =>
        switchVersion(store, model, { action: 'promote', ...signer, current, alsoServing, withdrawn }),
      );
      if (isFirst) return describePromoted(to, switched.pointer);
      return { switched, before: current?.pointer ?? null, interruption };
    });
    if ('text' in outcome) return outcome;

    // The store is closed meanwhile: the local one would end this process at a Ctrl-C, and nothing would be said. A terminal's also
    // ends what opens the local one again: then the message is that nothing was switched back.
    const { pointer } = outcome.switched;
    try {
      await step(`waiting until ${url} serves it`, () =>
        unlessStopped(outcome.interruption, () => waitUntilServed(url, model, timeoutMs)),
      );
    } catch (error) {
      const undone = await withStore(to, values, (store) => undo(store, { ...outcome, model, by: signer.by })).catch(
        (failure: unknown) => `${to} was NOT switched back: ${messageOf(failure)}`,
      );
      throw new UserError(`${messageOf(error)}\n${undone}`);
    }
    return describePromoted(to, pointer);
  },
);
// The interrupted wait goes on, and would hold the event loop.
if (isInterrupted()) process.exit();

function describePromoted(to: Environment, active: ActivePointer): Result {
  return {
    text: `Active in ${to}: ${describePointer(active)}. ${describeServed(active)}`,
    data: { changed: true, active },
  };
}

/** Throws as soon as somebody asks this process to stop. The work goes on. */
async function unlessStopped({ signal, check }: Interruption, work: () => Promise<void>): Promise<void> {
  check();
  await Promise.race([work(), once(signal, 'abort').then(check)]);
}

async function approvedVersion(
  store: ObjectStore,
  from: Environment,
  wanted: string | undefined,
): Promise<{ model: ModelFolder; source: string }> {
  const history = await readHistory(store);
  const active = activeOf(await readPointer(store));
  if (!active) throw new UserError(`No version is active in ${from}: activate one there first.`);
  const id = { name: active.name, version: wanted ?? active.version };
  if (!wasActive(history, id))
    throw new UserError(
      `${id.name} ${id.version} was never active in ${from}, so it cannot be promoted. Activate it there first.`,
    );
  const withdrawal = withdrawalOf(active, id);
  if (withdrawal)
    throw new UserError(
      `${id.name} ${id.version} was withdrawn from ${from} by ${withdrawal.withdrawnBy}: ${withdrawal.reason}. Activate it there first, with --reinstate.`,
    );
  const model = await step(`reading ${id.name} ${id.version} from ${from}`, () =>
    readVersion(store, id.name, id.version),
  );
  const manifest = await readManifest(store, id.name, id.version);
  return { model, source: manifest?.source ?? store.name };
}

/** The version that the target switched to, and the pointer of before. */
type Promoted = { switched: Switched; before: ActivePointer | null; interruption: Interruption };

type Undo = Pick<Promoted, 'switched' | 'before'> & { model: ModelFolder; by: string };

/** Returns the target to the version that it served before, or to none, unless somebody else switched it meanwhile. */
async function undo(store: ObjectStore, { model, switched, before, by }: Undo): Promise<string> {
  const request = {
    by,
    reason: 'the promoted version did not come up',
    current: switched,
    alsoServing: before?.alsoServing ?? [],
    withdrawn: before?.withdrawn ?? [],
  };
  try {
    if (!before || before.action === 'withdraw') {
      await switchVersion(store, model, { action: 'withdraw', ...request });
      return `${store.name} had no active version before, and has none now.`;
    }
    const { name, version } = before;
    const previous = await readVersion(store, name, version);
    await step(`switching back to ${name} ${version}`, () =>
      switchVersion(store, previous, { action: 'rollback', ...request }),
    );
    return `${store.name} was switched back to ${name} ${version}.`;
  } catch (error) {
    return `${store.name} was NOT switched back: ${messageOf(error)}`;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function activeOf(current: CurrentPointer | null): ActivePointer | null {
  return current?.pointer && current.pointer.action !== 'withdraw' ? current.pointer : null;
}
