import { parseArgs } from 'node:util';
import { ASSETS } from '../lib/bundle.ts';
import { commonOptions, runCommand, step } from '../lib/cli.ts';
import {
  commitFiles,
  ensureRepo,
  type HubFile,
  isListed,
  listAllFiles,
  openSpace,
  repositoryExists,
  resolveCommit,
} from '../lib/model/hub.ts';
import { readModelFolder } from '../lib/model/model-folder.ts';
import { buildSpace, modelRepository, type SpaceFile, totalBytes, writeSpace } from '../lib/model/space.ts';
import { describeReport, verifyVersion } from '../lib/model/verify-version.ts';
import { startProgressBar } from '../lib/progress-bar.ts';
import { formatBytes } from '../lib/text.ts';

const HELP = `Builds the static page that predicts in the browser, and publishes it as a Space of the Hugging Face Hub.

  npm run publish-space -- --space OWNER/NAME [options]

Options:
  --space OWNER/NAME the Space (default: HF_SPACE_REPO); created, public, where it does not exist
  --model DIR        the model: model.onnx, contract.json, README.md (default model)
  --repo OWNER/NAME  the model's repository on the Hub, which the Space then links to (default: HF_MODEL_REPO, or none)
  --out DIR          where to build; an earlier build there is replaced (default dist/space)
  --hub-url URL      another Hub (default: HF_ENDPOINT, or https://huggingface.co)
  --dry-run          build, compare with the Space, publish nothing
  --json             print the result as JSON

One commit holds the files that differ. It removes files of an earlier build under ${ASSETS}, and leaves other files of the Space
alone. HF_TOKEN holds a token that may write to the Space.`;

const options = {
  space: { type: 'string' },
  model: { type: 'string', default: 'model' },
  repo: { type: 'string' },
  out: { type: 'string', default: 'dist/space' },
  'hub-url': { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
} as const;

type Difference = { changed: SpaceFile[]; removed: string[]; leftAlone: string[] };

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async (values) => {
    const hub = openSpace(values);
    const modelRepo = modelRepository(values.repo);
    const model = await step(`reading ${values.model}`, () => readModelFolder(values.model));
    await step('verifying it', () => verifyVersion(model), describeReport);
    const files = await step('building the page', () => buildSpace(model, modelRepo));
    await writeSpace(values.out, files);

    if (!values['dry-run']) await step(`looking for ${hub.repo}`, () => ensureRepo(hub, 'static'));
    const isThere = await repositoryExists(hub);
    const { changed, removed, leftAlone } = compare(files, isThere ? await listAllFiles(hub, 'main') : []);
    const data = {
      space: hub.repo,
      url: `${hub.url}/spaces/${hub.repo}`,
      changed: changed.map(({ path }) => path),
      removed,
      leftAlone,
    };
    const remark = leftAlone.length > 0 ? `\nLeft alone, not of this build: ${leftAlone.join(', ')}` : '';
    if (changed.length + removed.length === 0) {
      const commit = await resolveCommit(hub, 'main');
      return { text: `${hub.repo} has this content already.${remark}`, data: { published: false, ...data, commit } };
    }
    const list = [
      ...changed.map(({ path, bytes }) => `\n  ${path} (${formatBytes(bytes.length)})`),
      ...removed.map((path) => `\n  ${path} (removed)`),
    ].join('');
    if (values['dry-run']) {
      const state = isThere ? '' : ' does not exist, or this token cannot see it. It';
      const text = `${hub.repo}${state} would be given ${formatBytes(totalBytes(changed))}:${list}${remark}`;
      return { text, data: { published: false, ...data } };
    }
    const { name, version } = model.contract;
    const commit = await commitFiles(hub, `Publish ${name} ${version}`, changed, startProgressBar, removed);
    return {
      text: `Published ${name} ${version}: ${data.url}${list}${remark}`,
      data: { published: true, ...data, commit },
    };
  },
);

/** The uploads and removals that make the Space hold these files. */
function compare(files: readonly SpaceFile[], listed: readonly HubFile[]): Difference {
  const own = new Set(files.map(({ path }) => path));
  const others = listed.map(({ path }) => path).filter((path) => !own.has(path) && path !== '.gitattributes');
  return {
    changed: files.filter(({ path, bytes }) => {
      const there = listed.find((it) => it.path === path);
      return !there || !isListed(there, bytes);
    }),
    removed: others.filter((path) => path.startsWith(ASSETS)),
    leftAlone: others.filter((path) => !path.startsWith(ASSETS)),
  };
}
