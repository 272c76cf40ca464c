import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { commonOptions, runCommand, step } from '../lib/cli.ts';
import { lockDirectory } from '../lib/directory-lock.ts';
import { DATA_DIRECTORY, listDataDirectories } from '../lib/local/data-directory.ts';

const HELP = `Deletes what npm start keeps in .local: the recorded predictions and the stored models, also those of npm start -- --model.

  npm run reset [-- --json]

Options:
  --json  print the result as JSON`;

await runCommand(
  HELP,
  () => parseArgs({ options: commonOptions }).values,
  async () => {
    await step(`deleting ${DATA_DIRECTORY}`, async () => {
      for (const directory of await listDataDirectories())
        await lockDirectory(directory).catch((error: Error & { code?: string }) => {
          if (error.code !== 'ENOENT') throw error;
        });
      await rm(DATA_DIRECTORY, { recursive: true, force: true });
    });
    return { text: `Nothing is kept in ${DATA_DIRECTORY} any more.`, data: { deleted: DATA_DIRECTORY } };
  },
);
