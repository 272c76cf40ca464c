import { parseArgs } from 'node:util';
import { commonOptions, type Result, runCommand, UserError } from '../lib/cli.ts';
import { type ModelFolder, readModelFolder, sha256 } from '../lib/model/model-folder.ts';
import { type Examination, examineVersion } from '../lib/model/verify-version.ts';

const HELP = `Verifies a model folder as publish-model, activate and npm start do, on this machine and offline. Changes nothing.

  npm run verify-model -- DIR [--json]

DIR holds model.onnx, contract.json and README.md. The command checks the contract and the sha256 of the graph, and runs the
golden cases and the examples in the Worker's ONNX runtime: one by one, in batches, and with the values of each feature
exchanged. It says what it ran, what failed, and which labels, categories, ends of ranges and features no golden case shows.

Options:
  --json  print the result as JSON: ok, name, version, ran, cases, largestDifference (null where no case could be compared),
          tolerance, failures (one sentence a case; case 0 is the first in "golden"), missing (what golden cases must show),
          unexercised (what none shows and none needs to), runtime ("slim" or "full"), errors (what is wrong and what to do)
  --help  this text

Exit codes: 0 it can be published, 1 it is refused, 2 wrong arguments. Programs call it with "npm run --silent", so that npm
writes nothing of its own. The first run takes about half a minute more: it makes the runtime.`;

/** How many of the things that no case shows are named for people. */
const SHOWN = 20;

await runCommand(
  HELP,
  () => {
    const { values, positionals } = parseArgs({ options: commonOptions, allowPositionals: true });
    return { ...values, folders: positionals };
  },
  async ({ folders }): Promise<Result> => {
    const [folder] = folders;
    if (folder === undefined || folders.length > 1)
      throw new UserError('Name one model folder: npm run verify-model -- DIR. See --help.', 2);
    let model: ModelFolder;
    try {
      model = await readModelFolder(folder);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return describeUnreadable(error.message);
    }
    return describe(model, await examineVersion(model));
  },
);

function describeUnreadable(message: string): Result {
  const data = {
    ok: false,
    name: null,
    version: null,
    ran: [],
    cases: 0,
    largestDifference: null,
    tolerance: null,
    failures: [],
    missing: [],
    unexercised: [],
    runtime: null,
    errors: [message],
  };
  return { text: `Refused.\n\n${message}`, data, isRefusal: true };
}

function describe({ contract, files }: ModelFolder, examination: Examination): Result {
  const { name, version, parity } = contract;
  const { cases, maxAbsDifference, failures, missing, unexercised, errors } = examination;
  const ran = ['read contract.json', 'compared the sha256 of model.onnx with the contract', ...examination.ran];
  const runtime = examination.runtime ?? 'slim';
  const ok = errors.length === 0;
  const data = {
    ok,
    name,
    version,
    sha256: sha256(files['model.onnx']),
    ran,
    cases,
    largestDifference: Number.isFinite(maxAbsDifference) ? maxAbsDifference : null,
    tolerance: parity.tolerance,
    failures,
    missing,
    unexercised,
    runtime,
    errors,
  };
  const gaps = unexercised.length > 0 ? `\n\nNo golden case shows:\n${list(unexercised)}` : '';
  const needs = runtime === 'full' ? ' It needs the full ONNX runtime, which starts more slowly.' : '';
  const verdict = ok
    ? `${name} ${version} can be published. Largest difference ${maxAbsDifference.toExponential(1)}, ${parity.tolerance} allowed.${needs}`
    : `${name} ${version} is refused.\n\n${errors.join('\n\n')}`;
  return { text: `Ran:\n${list(ran)}${gaps}\n\n${verdict}`, data, isRefusal: !ok };
}

function list(phrases: readonly string[]): string {
  const others = phrases.length > SHOWN ? [`and ${phrases.length - SHOWN} more (--json names them)`] : [];
  return [...phrases.slice(0, SHOWN), ...others].map((phrase) => `  ${phrase}`).join('\n');
}
