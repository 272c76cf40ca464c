import { parseArgs } from 'node:util';
import { commonOptions, runCommand, step } from '../lib/cli.ts';
import { readModelFolder } from '../lib/model/model-folder.ts';
import { buildSpace, modelRepository, totalBytes, writeSpace } from '../lib/model/space.ts';
import { describeReport, verifyVersion } from '../lib/model/verify-version.ts';
import { formatBytes } from '../lib/text.ts';

const HELP = `Builds the static page that predicts in the browser, as a folder that a Hugging Face Space or any web server can serve.

  npm run build:space [-- options]

Options:
  --model DIR        the model: model.onnx, contract.json, README.md (default model)
  --out DIR          where to build; an earlier build there is replaced (default dist/space)
  --repo OWNER/NAME  the model's repository on the Hub, which the Space then links to (default: HF_MODEL_REPO, or none)
  --json             print the result as JSON

The model is verified first (contract, sha256, parity, golden cases).`;

const options = {
  model: { type: 'string', default: 'model' },
  out: { type: 'string', default: 'dist/space' },
  repo: { type: 'string' },
} as const;

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async ({ model: folder, out, repo }) => {
    const modelRepo = modelRepository(repo);
    const model = await step(`reading ${folder}`, () => readModelFolder(folder));
    await step('verifying it', () => verifyVersion(model), describeReport);
    const files = await step('building the page', () => buildSpace(model, modelRepo));
    await writeSpace(out, files);
    const { name, version, graph } = model.contract;
    const sizes = files.map(({ path, bytes }) => ({ path, bytes: bytes.length }));
    const lines = sizes.map(({ path, bytes }) => `${formatBytes(bytes).padStart(10)}  ${path}`);
    return {
      text: [
        ...lines,
        `${formatBytes(totalBytes(files)).padStart(10)}  in ${out}: a page that predicts with ${name} ${version}`,
      ].join('\n'),
      data: { out, model: { name, version, sha256: graph.sha256 }, files: sizes, totalBytes: totalBytes(files) },
    };
  },
);
