import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { commonOptions, runCommand, step } from '../lib/cli.ts';
import { lockDirectory } from '../lib/directory-lock.ts';

const HELP = `Deletes what npm start keeps in .local: the recorded predictions and the stored models.

  npm run reset [-- --json]

Options:
  --json  print the result as JSON`;

await runCommand(
  HELP,
  () => parseArgs({ options: commonOptions }).values,
  async () => {
    await step('deleting .local', async () => {
      for (const directory of ['.local', '.local/prod'])
        await lockDirectory(directory).catch((error: Error & { code?: string }) => {
          if (error.code !== 'ENOENT') throw error;
        });
      await rm('.local', { recursive: true, force: true });
    });
    return { text: 'Nothing is kept in .local any more.', data: { deleted: '.local' } };
  },
);
