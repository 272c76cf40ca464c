import { parseArgs } from 'node:util';
import { versionTag } from '../../common/contract/model-version.ts';
import { SIGNATURE_FILE } from '../../common/contract/signature.ts';
import { commonOptions, runCommand, step, UserError } from '../lib/cli.ts';
import {
  commitFiles,
  createTag,
  differenceFrom,
  ensureRepo,
  HUB_HELP,
  type Hub,
  hubOptions,
  listTags,
  listVersionFiles,
  openHub,
  repositoryExists,
  resolveCommit,
} from '../lib/model/hub.ts';
import { filesOf, type ModelFolder, readModelFolder } from '../lib/model/model-folder.ts';
import { KEY_VARIABLE, signModel } from '../lib/model/signing.ts';
import { describeReport, verifyVersion } from '../lib/model/verify-version.ts';

const HELP = `Publishes a model folder as a version on the Hugging Face Hub, under the tag model-vX.Y.Z.

  npm run publish-model [-- options]

Options:
  --model DIR        the folder: model.onnx, contract.json, README.md (default model)
${HUB_HELP}
  --tag TAG          refuse a version other than that of this tag, for a workflow that the tag started
  --dry-run          check everything, publish nothing
  --json             print the result as JSON

The version number is the contract's. The folder is verified first (contract, sha256, parity, golden cases). A tag is never
moved: publishing the same content again changes nothing, publishing other content under the same number is refused.
The command creates a missing repository, as a public one.
HF_TOKEN holds a token that may write to the repository. ${KEY_VARIABLE} holds the private key that the version is signed with (npm
run make-signing-key); without it, the version is published as it is, with the folder's ${SIGNATURE_FILE} if there is one.`;

const options = {
  model: { type: 'string', default: 'model' },
  tag: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  ...hubOptions,
} as const;

/** What is said of the signature of a version that was published before. */
const REMARKS = {
  same: '',
  other: ', signed otherwise',
  missing: `, but without a signature. To publish it signed, raise the version in contract.json`,
} as const;

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async (values) => {
    const hub = openHub(values);
    const unsigned = await step(`reading ${values.model}`, () => readModelFolder(values.model));
    const model = await signModel(unsigned);
    const { name, version } = model.contract;
    const tag = versionTag(version);
    if (values.tag !== undefined && values.tag !== tag) {
      throw new UserError(
        `${values.model} holds ${name} ${version}, whose tag is ${tag}, not ${values.tag}. Nothing was published. Delete that tag, and tag a commit whose contract has its version.`,
      );
    }
    await step('verifying it', () => verifyVersion(model), describeReport);
    const exists = await step(`looking for ${hub.repo}`, () => repositoryExists(hub));
    const published = exists ? await publishedCommit(hub, tag, model) : null;
    if (published) {
      const { commit, signature } = published;
      const data = { published: false, tag, commit };
      return { text: `${hub.repo} has ${tag} already, with this content${REMARKS[signature]}.`, data };
    }
    if (values['dry-run'])
      return { text: `${name} ${version} could be published as ${hub.repo}, ${tag}.`, data: { published: false, tag } };

    if (!exists) await step('creating it', () => ensureRepo(hub));
    // An earlier run may have committed the files and been stopped before it tagged them.
    const head = await resolveCommit(hub, 'main');
    const files = filesOf(model);
    const { changed, removed } = head
      ? await differenceFrom(hub, head, model)
      : { changed: files.map(({ path }) => path), removed: [] };
    const commit =
      head && changed.length + removed.length === 0
        ? head
        : await commitFiles(
            hub,
            `Publish ${name} ${version}`,
            files.filter(({ path }) => changed.includes(path)),
            undefined,
            removed,
          );
    const left = await differenceFrom(hub, commit, model);
    if (left.changed.length + left.removed.length > 0) {
      throw new UserError(
        `Somebody else published to ${hub.repo} at the same time. Nothing was tagged; repeat the command.`,
      );
    }
    await step(`tagging it ${tag}`, () => createTag(hub, tag, commit, `${name} ${version}`));
    return {
      text: `Published ${name} ${version}, ${model.signature ? 'signed' : 'not signed'}: ${hub.url}/${hub.repo}/tree/${tag}`,
      data: { published: true, tag, commit },
    };
  },
);

type Published = { commit: string; signature: keyof typeof REMARKS };

/** The commit of a tag, or null where the tag does not exist. Throws where the commit has other content. */
async function publishedCommit(hub: Hub, tag: string, model: ModelFolder): Promise<Published | null> {
  if (!(await listTags(hub)).includes(tag)) return null;
  const { changed } = await differenceFrom(hub, tag, model);
  const other = changed.filter((path) => path !== SIGNATURE_FILE);
  if (other.length > 0)
    throw new UserError(
      `${hub.repo} has ${tag} already, with other content (${other.join(', ')}), and a published version never changes. Raise the version in contract.json.`,
    );
  const commit = await resolveCommit(hub, tag);
  if (!commit) return null;
  if (changed.length === 0) return { commit, signature: 'same' };
  // A key may have been replaced since: the version stays as it was signed then.
  const listed = await listVersionFiles(hub, commit);
  return { commit, signature: listed[SIGNATURE_FILE] ? 'other' : 'missing' };
}
