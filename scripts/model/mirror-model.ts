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
import { checkFiles, type ModelFolder } from '../lib/model/model-folder.ts';
import { parseEnvironment, REMOTE_HELP, STORE_HELP, storeOptions, withStore } from '../lib/model/open-store.ts';
import { checkSignature, signingKeysOf } from '../lib/model/signing.ts';
import { storeVersion } from '../lib/model/stored-versions.ts';
import { describeReport, verifyVersion } from '../lib/model/verify-version.ts';

const HELP = `Copies a published model version from the Hugging Face Hub into the R2 of an environment, verified.

  npm run mirror-model -- --env ENV [--version X.Y.Z]

Options:
  --env ENV          model, dev or prod
  --version X.Y.Z    the version, or "latest" (default)
${HUB_HELP}
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
  'dry-run': { type: 'boolean', default: false },
  ...hubOptions,
  ...storeOptions,
} as const;

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async (values) => {
    const environment = parseEnvironment(values.env);
    const hub = openHub(values);
    const { version, tag, commit } = await step(
      `looking up ${values.version} in ${hub.repo}`,
      () => resolveVersion(hub, values.version),
      (found) => `${found.tag} at ${found.commit.slice(0, 12)}`,
    );
    const model = await downloadVersion(hub, commit, join(values.data, 'downloads'));
    const { contract } = model;
    if (contract.version !== version) {
      throw new UserError(
        `${tag} of ${hub.repo} holds version ${contract.version}, not ${version}. It was published wrongly; nothing was stored.`,
      );
    }
    await checkSignature(model, await signingKeysOf(environment, values));
    const { runtime } = await step('verifying it', () => verifyVersion(model), describeReport);
    const result = { name: contract.name, version, tag, commit };
    if (values['dry-run'])
      return { text: `${contract.name} ${version} could be stored.`, data: { stored: false, ...result } };
    return withStore(environment, values, async (store) => {
      const outcome = await storeVersion(store, { ...model, runtime }, `${hub.url}/${hub.repo}/tree/${commit}`);
      return {
        text: `${contract.name} ${version} is ${outcome} in ${store.name}. To let it serve: npm run activate -- --env ${environment} --version ${version} --reason …`,
        data: { stored: outcome === 'stored', ...result },
      };
    });
  },
);

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
