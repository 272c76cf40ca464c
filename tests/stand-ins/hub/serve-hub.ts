import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { commonOptions, runCommand, UserError } from '../../../scripts/lib/cli.ts';
import { assertPortFree, newToken } from '../../../scripts/lib/loopback.ts';
import { startLocalHub } from './local-hub.ts';

const HELP = `Starts a Hugging Face Hub on this machine, to try publishing and mirroring without an account.

  npm run hub [-- --port N]

Options:
  --port N  where it listens (default 8790)
  --help    this text

It prints the settings with which the commands reach it. It keeps everything in memory: Ctrl-C forgets it.`;

const USER = 'local';

await runCommand(
  HELP,
  () => parseArgs({ options: { port: { type: 'string', default: '8790' }, ...commonOptions } }).values,
  async (values) => {
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new UserError('--port must be from 1 to 65535.', 2);
    await assertPortFree(port);
    const token = `hf_${newToken()}`;
    await using hub = await startLocalHub({ port, tokens: { [token]: { role: 'write', user: USER } } });
    const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    process.stdout.write(
      `A Hub listens; Ctrl-C stops it and forgets everything. In another terminal:\n\nexport HF_ENDPOINT=${hub.url} HF_MODEL_REPO=${USER}/attrition HF_TOKEN=${token}\n\n`,
    );
    await stopped;
    return { text: 'Stopped.', data: {} };
  },
);
