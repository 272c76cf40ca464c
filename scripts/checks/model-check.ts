import { parseArgs } from 'node:util';
import { commonOptions, runCommand, step } from '../lib/cli.ts';
import { preparePython, runPytest } from '../lib/python-environment.ts';

const HELP = `Runs the tests of the training code and of the committed model, in a Python environment of its own.

  npm run model:check [-- --json]

Options:
  --json  print the result as JSON

Needs Python 3.11 or newer as python3. The command makes the environment model/train/.venv on the first run, and again when
requirements.txt changes. Set FUTURISYS_DATA to the folder of the three extracts to run the tests that read them too.`;

const FOLDER = 'model/train';

await runCommand(
  HELP,
  () => parseArgs({ options: commonOptions }).values,
  async () => {
    await step('preparing the Python environment', () => preparePython(FOLDER));
    await runPytest(FOLDER);
    return { text: 'The training code and the committed model passed.', data: { passed: true } };
  },
);
