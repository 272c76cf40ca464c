import { parseArgs } from 'node:util';
import { MODEL_FILES, versionTag } from '../../common/contract/model-version.ts';
import { commonOptions, runCommand, step, UserError } from '../lib/cli.ts';
import {
  changedFiles,
  commitFiles,
  createTag,
  ensureRepo,
  HUB_HELP,
  type Hub,
  hubOptions,
  listTags,
  openHub,
  repositoryExists,
  resolveCommit,
} from '../lib/model/hub.ts';
import { type ModelFiles, readModelFolder } from '../lib/model/model-folder.ts';
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
HF_TOKEN holds a token that may write to the repository.`;

const options = {
  model: { type: 'string', default: 'model' },
  tag: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  ...hubOptions,
} as const;

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async (values) => {
    const hub = openHub(values);
    const model = await step(`reading ${values.model}`, () => readModelFolder(values.model));
    const { name, version } = model.contract;
    const tag = versionTag(version);
    if (values.tag !== undefined && values.tag !== tag) {
      throw new UserError(
        `${values.model} holds ${name} ${version}, whose tag is ${tag}, not ${values.tag}. Nothing was published. Delete that tag, and tag a commit whose contract has its version.`,
      );
    }
    await step('verifying it', () => verifyVersion(model), describeReport);
    const exists = await step(`looking for ${hub.repo}`, () => repositoryExists(hub));
    const published = exists ? await publishedCommit(hub, tag, model.files) : null;
    if (published) {
      const data = { published: false, tag, commit: published };
      return { text: `${hub.repo} has ${tag} already, with this content.`, data };
    }
    if (values['dry-run'])
      return { text: `${name} ${version} could be published as ${hub.repo}, ${tag}.`, data: { published: false, tag } };

    if (!exists) await step('creating it', () => ensureRepo(hub));
    // An earlier run may have committed the files and been stopped before it tagged them.
    const head = await resolveCommit(hub, 'main');
    const changed = head ? await changedFiles(hub, head, model.files) : [...MODEL_FILES];
    const commit =
      head && changed.length === 0
        ? head
        : await commitFiles(
            hub,
            `Publish ${name} ${version}`,
            changed.map((path) => ({ path, bytes: model.files[path] })),
          );
    if ((await changedFiles(hub, commit, model.files)).length > 0) {
      throw new UserError(
        `Somebody else published to ${hub.repo} at the same time. Nothing was tagged; repeat the command.`,
      );
    }
    await step(`tagging it ${tag}`, () => createTag(hub, tag, commit, `${name} ${version}`));
    return {
      text: `Published ${name} ${version}: ${hub.url}/${hub.repo}/tree/${tag}`,
      data: { published: true, tag, commit },
    };
  },
);

/** The commit of a tag, or null where the tag does not exist. Throws where the commit has other content. */
async function publishedCommit(hub: Hub, tag: string, files: ModelFiles): Promise<string | null> {
  if (!(await listTags(hub)).includes(tag)) return null;
  const changed = await changedFiles(hub, tag, files);
  if (changed.length === 0) return resolveCommit(hub, tag);
  throw new UserError(
    `${hub.repo} has ${tag} already, with other content (${changed.join(', ')}), and a published version never changes. Raise the version in contract.json.`,
  );
}
