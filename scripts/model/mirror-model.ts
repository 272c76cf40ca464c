import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compareVersions, versionTag } from '../../common/contract/model-version.ts';
import { SIGNATURE_FILE } from '../../common/contract/signature.ts';
import { commonOptions, runCommand, step, UserError } from '../lib/cli.ts';
import { download } from '../lib/model/download.ts';
import {
  HUB_HELP,
  type Hub,
  hubOptions,
  listTags,
  listVersionFiles,
  openHub,
  resolveCommit,
  versionsOf,
} from '../lib/model/hub.ts';
import { checkFiles, type ModelFolder, readModelFolder } from '../lib/model/model-folder.ts';
import { parseEnvironment, REMOTE_HELP, STORE_HELP, storeOptions, withStore } from '../lib/model/open-store.ts';
import { checkSignature, signingKeysOf, signModel } from '../lib/model/signing.ts';
import { storeVersion } from '../lib/model/stored-versions.ts';
import { describeReport, verifyVersion } from '../lib/model/verify-version.ts';

const HELP = `Copies a published model version from the Hugging Face Hub into the R2 of an environment, verified.

  npm run mirror-model -- --env ENV [--version X.Y.Z]
  npm run mirror-model -- --env ENV --from DIR

Options:
  --env ENV          model, dev or prod
  --version X.Y.Z    the version, or "latest" (default)
${HUB_HELP}
  --from DIR         a folder of this machine in place of the Hub; for the local R2 alone
  --dry-run          download and verify, store nothing
${STORE_HELP}
  --json             print the result as JSON

It resolves the tag to a commit, checks sizes and digests against the Hub's list and the contract, checks the signature where
the environment names MODEL_SIGNING_KEYS, and runs the golden cases before it stores anything. A stored version never changes. The next run continues an interrupted one. To let the version serve,
activate it: npm run activate.
HF_TOKEN holds a token that may read the repository, if it is private.
${REMOTE_HELP}`;

const options = {
  env: { type: 'string' },
  version: { type: 'string', default: 'latest' },
  from: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  ...hubOptions,
  ...storeOptions,
} as const;

const parse = () => parseArgs({ options: { ...options, ...commonOptions } }).values;
type HubValues = Pick<ReturnType<typeof parse>, 'repo' | 'hub-url' | 'version' | 'data'>;

await runCommand(HELP, parse, async (values) => {
  const environment = parseEnvironment(values.env);
  const { from } = values;
  if (from !== undefined && values.remote)
    throw new UserError(
      '--from is for the local R2: at Cloudflare serves only what is on the Hub. Publish it first: npm run publish-model',
      2,
    );
  const { model, source, tag, commit } =
    from === undefined ? await fromHub(values) : await fromFolder(from, values.version);
  const { contract } = model;
  const { version } = contract;
  await checkSignature(model, await signingKeysOf(environment, values));
  const { runtime } = await step('verifying it', () => verifyVersion(model), describeReport);
  const result = { name: contract.name, version, tag, commit };
  if (values['dry-run'])
    return { text: `${contract.name} ${version} could be stored.`, data: { stored: false, ...result } };
  return withStore(environment, values, async (store) => {
    const outcome = await storeVersion(store, { ...model, runtime }, source);
    return {
      text: `${contract.name} ${version} is ${outcome} in ${store.name}. To let it serve: npm run activate -- --env ${environment} --version ${version} --reason …`,
      data: { stored: outcome === 'stored', ...result },
    };
  });
});

/** A version, and where it came from. `tag` and `commit` are null where that is no Hub. */
type Found = { model: ModelFolder; source: string; tag: string | null; commit: string | null };

async function fromFolder(folder: string, wanted: string): Promise<Found> {
  const model = await signModel(await readModelFolder(folder));
  const { version } = model.contract;
  if (wanted !== 'latest' && wanted.replace(/^(model-)?v/, '') !== version)
    throw new UserError(`${folder} holds version ${version}, not ${wanted}.`, 2);
  return { model, source: `the folder ${folder}`, tag: null, commit: null };
}

async function fromHub(values: HubValues): Promise<Found> {
  const hub = openHub(values);
  const { version, tag, commit } = await step(
    `looking up ${values.version} in ${hub.repo}`,
    () => resolveVersion(hub, values.version),
    (found) => `${found.tag} at ${found.commit.slice(0, 12)}`,
  );
  const model = await downloadVersion(hub, commit, join(values.data, 'downloads'));
  if (model.contract.version !== version) {
    throw new UserError(
      `${tag} of ${hub.repo} holds version ${model.contract.version}, not ${version}. It was published wrongly; nothing was stored.`,
    );
  }
  return { model, source: `${hub.url}/${hub.repo}/tree/${commit}`, tag, commit };
}

async function resolveVersion(hub: Hub, wanted: string): Promise<{ version: string; tag: string; commit: string }> {
  const version = wanted === 'latest' ? await latestVersion(hub) : wanted.replace(/^(model-)?v/, '');
  const tag = versionTag(version);
  const commit = await resolveCommit(hub, tag);
  if (commit) return { version, tag, commit };
  const published = versionsOf(await listTags(hub)).sort(compareVersions);
  throw new UserError(`${hub.repo} has no tag ${tag}. Published versions: ${published.join(', ') || 'none'}.`);
}

async function latestVersion(hub: Hub): Promise<string> {
  const latest = versionsOf(await listTags(hub))
    .sort(compareVersions)
    .at(-1);
  if (!latest)
    throw new UserError(
      `${hub.repo} has no published version (a tag model-vX.Y.Z). Publish one: npm run publish-model`,
    );
  return latest;
}

async function downloadVersion(hub: Hub, commit: string, directory: string): Promise<ModelFolder> {
  const listed = await listVersionFiles(hub, commit);
  const files = {
    'model.onnx': await download(hub, commit, listed['model.onnx'], directory),
    'contract.json': await download(hub, commit, listed['contract.json'], directory),
    'README.md': await download(hub, commit, listed['README.md'], directory),
  };
  const signature = listed[SIGNATURE_FILE] && (await download(hub, commit, listed[SIGNATURE_FILE], directory));
  return checkFiles(files, `${hub.repo} at ${commit.slice(0, 12)}`, signature);
}
