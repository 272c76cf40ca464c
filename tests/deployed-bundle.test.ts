import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';

const Metafile = z.object({ inputs: z.record(z.string(), z.unknown()) });

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bundle-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** The sources of the Worker's that a bundle is made of. */
async function sourcesOf(environment: string, ...entry: string[]): Promise<string[]> {
  const metafile = join(directory, 'meta.json');
  const options = ['--dry-run', '--env', environment, '--outdir', directory, '--metafile', metafile];
  const { status, stderr } = spawnSync('wrangler', ['deploy', ...entry, ...options], {
    encoding: 'utf8',
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
  });
  if (status !== 0) throw new Error(stderr);
  const { inputs } = Metafile.parse(JSON.parse(await readFile(metafile, 'utf8')));
  return Object.keys(inputs).filter((path) => /^workers\//.test(path));
}

describe('what is deployed', () => {
  it.each(['dev', 'prod'])('in %s has no part that switches faults on', { timeout: 60_000 }, async (environment) => {
    const sources = await sourcesOf(environment);
    expect(sources).toContain('workers/index.ts');
    expect(sources.filter((path) => path.startsWith('workers/local/'))).toEqual([]);
  });

  it('is not what npm start runs, which has it', { timeout: 60_000 }, async () => {
    const sources = await sourcesOf('dev', 'workers/local/index.ts');
    expect(sources).toEqual(expect.arrayContaining(['workers/index.ts', 'workers/local/with-faults.ts']));
  });
});
