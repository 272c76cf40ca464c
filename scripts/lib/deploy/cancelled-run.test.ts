import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { collect } from '../../../tests/kit/run-script.ts';

const Workflow = z.object({
  jobs: z.object({ deploy: z.object({ steps: z.array(z.object({ run: z.string().optional() })) }) }),
});

/** Stands for the deploy: only says which signals reach it. */
const DEPLOY = `process.once('SIGINT', () => { console.log('SIGINT reached it'); process.exit(1); });
setTimeout(() => process.exit(2), 20_000);
console.log('ready', process.argv.slice(2).join(' '));
`;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cancelled-'));
  await writeFile(join(directory, 'package.json'), JSON.stringify({ scripts: { deploy: 'node deploy.cjs' } }));
  await writeFile(join(directory, 'deploy.cjs'), DEPLOY);
});
afterEach(() => rm(directory, { recursive: true }));

// https://docs.github.com/en/actions/reference/workflow-cancellation-reference
it.each(['model', 'dev', 'prod'])(
  'passes the signal of a cancelled run on to the deploy of %s',
  async (environment) => {
    const { jobs } = Workflow.parse(parse(await readFile(`.github/workflows/${environment}.yml`, 'utf8')));
    const script = jobs.deploy.steps.find(({ run }) => run?.includes('deploy'))?.run ?? '';
    await writeFile(join(directory, 'step.sh'), script);
    // As a runner starts a step that names no shell.
    const child = spawn('bash', ['-e', 'step.sh'], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, WORKER_URL: 'https://worker.example.org' },
      detached: true,
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk;
    });
    const finished = collect(child);
    try {
      await vi.waitFor(
        () => expect(said).toContain(`ready --env ${environment} --url https://worker.example.org`),
        15_000,
      );
      child.kill('SIGINT');
      const { code, stdout } = await finished;
      expect([code, stdout]).toEqual([1, expect.stringContaining('SIGINT reached it')]);
    } finally {
      // Every process that the step left behind is in its group.
      if (child.pid !== undefined) killGroup(child.pid);
    }
  },
);

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended, as it should.
  }
}
