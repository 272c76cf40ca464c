import { parseArgs } from 'node:util';
import { commonOptions, runCommand, step } from '../lib/cli.ts';
import { preparePython, runPytest } from '../lib/python-environment.ts';

const HELP = `Runs the tests of the training code, of the committed model, and of the package futurisys_pack, each in a Python environment of its own.

  npm run model:check [-- --json]

Options:
  --json  print the result as JSON

Needs Python 3.11 or newer as python3. The command makes model/train/.venv and model/pack/.venv on the first run, and again
when their requirements.txt changes. Set FUTURISYS_DATA to the folder of the three extracts to run the tests that read them too.`;

const FOLDERS = ['model/train', 'model/pack'];

await runCommand(
  HELP,
  () => parseArgs({ options: commonOptions }).values,
  async () => {
    for (const folder of FOLDERS) {
      await step(`preparing the Python environment of ${folder}`, () => preparePython(folder));
      await runPytest(folder);
    }
    return { text: 'The training code, the committed model and futurisys_pack passed.', data: { passed: true } };
  },
);
