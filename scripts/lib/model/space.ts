import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Contract } from '../../../common/contract/contract.ts';
import { ASSETS, bundlePage } from '../bundle.ts';
import { UserError } from '../cli.ts';
import { buildRuntime } from '../onnx-runtime.ts';
import { isRepositoryName } from './hub.ts';
import type { ModelFolder } from './model-folder.ts';

/** The page's source. */
const PAGE = resolve(import.meta.dirname, '../../../page/space');

/** A limit of the Hub. */
const SHORT_DESCRIPTION_LENGTH = 60;

export type SpaceFile = { path: string; bytes: Uint8Array };

/** The name of the model's repository that the Space links to; undefined where it is not given. */
export function modelRepository(given: string | undefined): string | undefined {
  const repo = given ?? process.env['HF_MODEL_REPO'];
  if (!repo) return undefined;
  if (!isRepositoryName(repo)) throw new UserError(`"${repo}" is not a repository: it must be OWNER/NAME.`, 2);
  return repo;
}

/** Builds the static page that predicts with this model, and all that it needs: sorted by path. The model must be verified. */
export async function buildSpace(model: ModelFolder, modelRepo: string | undefined): Promise<SpaceFile[]> {
  const readme = describeSpace(model.contract, modelRepo);
  const { wasm, fullModule } = await buildRuntime();
  const bundled = await bundlePage(PAGE, './');
  return [
    // The library names its own runtime. The page loads the slim one instead, and the full one where that is not enough.
    ...bundled.filter(({ path, bytes }) => !path.endsWith('.wasm') || bytes.equals(wasm) || bytes.equals(fullModule)),
    { path: 'README.md', bytes: Buffer.from(readme) },
    { path: 'contract.json', bytes: model.files['contract.json'] },
    { path: 'model.onnx', bytes: model.files['model.onnx'] },
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The Space's README.md: the front matter that the Hub configures it by, and a text for its visitors. */
function describeSpace(contract: Contract, modelRepo: string | undefined): string {
  const { title, description, name, version, graph, license, output, metrics } = contract;
  const frontMatter = {
    title: title.en,
    emoji: '🧭',
    colorFrom: 'indigo',
    colorTo: 'blue',
    sdk: 'static',
    app_file: 'index.html',
    pinned: false,
    license,
    ...(modelRepo && { models: [modelRepo] }),
    short_description: `${name}, predicting in your browser`.slice(0, SHORT_DESCRIPTION_LENGTH),
  };
  // JSON is YAML, and needs no rules for quoting.
  const yaml = Object.entries(frontMatter).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  const quality = metrics ? ` In cross-validation: ${describeMetrics(metrics)}.` : '';
  return `---
${yaml.join('\n')}
---

# ${title.en}

${description.en}

*${description.fr}*

\`${name}\` ${version} runs in the visitor's browser, with ONNX Runtime's WebAssembly: what is entered is neither sent nor
recorded. There is no server behind the page, and it loads nothing from elsewhere. It must not be used to decide about
anybody.

- The form, its limits and its messages come from \`contract.json\`: ${contract.features.length} fields, in French and English.
- \`model.onnx\` is used only if its sha256 is the contract's: \`${graph.sha256}\`.
- ${describeOutput(output)}${quality}
- The licences of the libraries are in \`${ASSETS}licenses.md\`.
`;
}

function describeMetrics(metrics: NonNullable<Contract['metrics']>): string {
  const [first, second] =
    'rocAuc' in metrics
      ? [`ROC AUC ${metrics.rocAuc.mean.toFixed(3)}`, `average precision ${metrics.averagePrecision.mean.toFixed(3)}`]
      : 'macroF1' in metrics
        ? [`accuracy ${metrics.accuracy.mean.toFixed(3)}`, `macro-F1 ${metrics.macroF1.mean.toFixed(3)}`]
        : [`mean absolute error ${metrics.mae.mean}`, `R² ${metrics.r2.mean.toFixed(3)}`];
  return `${first}, ${second}`;
}

function describeOutput(output: Contract['output']): string {
  switch (output.kind) {
    case undefined:
    case 'binary':
      return `From a probability of ${output.threshold} on, the answer is “${output.positive.label.en}”.`;
    case 'multiclass':
      return `The answer is the label with the highest probability: ${output.labels.map(({ label }) => `“${label.en}”`).join(', ')}.`;
    case 'regression':
      return `The answer is a number${output.unit ? ` (${output.unit.en})` : ''}, in training from ${output.seen.min} to ${output.seen.max}.`;
  }
}

/** Writes the files into `folder`, over an earlier build. Refuses a folder that holds something else. */
export async function writeSpace(folder: string, files: readonly SpaceFile[]): Promise<void> {
  const present = await readdir(folder).catch(() => []);
  if (present.length > 0 && !(await isSpace(folder))) {
    throw new UserError(
      `${folder} holds other files, and is not an earlier build of the page. Give an empty folder, or a new one.`,
    );
  }
  await rm(join(folder, ASSETS), { recursive: true, force: true });
  for (const { path, bytes } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
}

async function isSpace(folder: string): Promise<boolean> {
  const readme = await readFile(join(folder, 'README.md'), 'utf8').catch(() => '');
  return /^sdk: "?static"?$/m.test(readme);
}

/** How many bytes the files have together. */
export function totalBytes(files: readonly SpaceFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
