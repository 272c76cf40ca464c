import { parseArgs } from 'node:util';
import { commonOptions, runCommand, step, UserError } from '../lib/cli.ts';
import { readModelFolder } from '../lib/model/model-folder.ts';
import { verifyVersion } from '../lib/model/verify-version.ts';

const HELP = `Verifies a model folder as publish-model, mirror-model and npm start do, offline.

  npm run verify-model -- DIR [options]

Options:
  --json  print the result as JSON: ok, cases, maxAbsDifference, runtime, notShown; or error
  --help  this text

DIR holds model.onnx, contract.json and README.md. The command checks the contract, the digest of the graph and the parity report,
and runs every golden case and example in ONNX Runtime as the Worker has it, one by one and in batches. It says what no golden
case shows: a graph that is wrong there would pass.`;

await runCommand(
  HELP,
  () => {
    const { values, positionals } = parseArgs({ options: commonOptions, allowPositionals: true });
    return { ...values, folders: positionals };
  },
  async ({ folders: [folder, ...more] }) => {
    if (folder === undefined || more.length > 0) throw new UserError('Name one folder: npm run verify-model -- DIR', 2);
    const model = await step(`reading ${folder}`, () => readModelFolder(folder));
    const { cases, maxAbsDifference, unexercised, runtime } = await step('verifying it', () => verifyVersion(model));
    const { name, version, features } = model.contract;
    const text = [
      `${name} ${version} is good: ${features.length} features, ${cases} golden cases and examples, one by one and in batches.`,
      `The largest difference from the training pipeline is ${maxAbsDifference.toExponential(1)}.`,
      ...(runtime ? ['It needs the full ONNX runtime: an isolate starts later with it.'] : []),
      ...(unexercised.length > 0 ? ['No golden case shows:', ...unexercised.map((it) => `- ${it}`)] : []),
    ].join('\n');
    const data = {
      ok: true,
      name,
      version,
      cases,
      maxAbsDifference,
      runtime: runtime ?? 'slim',
      notShown: unexercised,
    };
    return { text, data };
  },
);
