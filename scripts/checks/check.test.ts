import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { runScript } from '../../tests/kit/run-script.ts';

const Workflow = z.object({
  jobs: z.record(z.string(), z.object({ steps: z.array(z.object({ run: z.string().optional() })) })),
});

describe('npm run check', () => {
  it('has no check that CI lacks', async () => {
    const { stdout } = await runScript('check', ['--list', '--json']);
    const { checks } = z.object({ checks: z.array(z.string()).min(4) }).parse(JSON.parse(stdout));
    const { jobs } = Workflow.parse(parse(await readFile('.github/workflows/ci.yml', 'utf8')));
    const commands = Object.values(jobs).flatMap(({ steps }) => steps.map(({ run }) => run));
    const missing = checks.filter((name) => !commands.includes(name === 'test' ? 'npm test' : `npm run ${name}`));
    expect(missing).toEqual([]);
  });

  it('is what .ci/run runs', async () => {
    const lines = (await readFile('.ci/run', 'utf8')).split('\n').filter((line) => line.startsWith('npm '));
    expect(lines).toEqual(['npm ci --no-audit --no-fund', 'npm run check']);
  });
});
