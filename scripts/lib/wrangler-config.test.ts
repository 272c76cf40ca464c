import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { unstable_readConfig } from 'wrangler';
import { ENVIRONMENTS } from './model/open-store.ts';
import { addressesOf, readEnvironmentConfig } from './wrangler-config.ts';

const root = process.cwd();
let directory: string | undefined;
afterEach(async () => {
  process.chdir(root);
  if (directory) await rm(directory, { recursive: true });
  directory = undefined;
});

async function enterProject(toml: string): Promise<void> {
  directory = await mkdtemp(join(tmpdir(), 'wrangler-config-'));
  await writeFile(join(directory, 'wrangler.toml'), toml);
  process.chdir(directory);
}

describe('readEnvironmentConfig', () => {
  it.each(ENVIRONMENTS)('reads of %s what wrangler reads', (environment) => {
    const { name, vars, r2_buckets, queues, secrets, analytics_engine_datasets } = unstable_readConfig({
      env: environment,
    });
    const read = readEnvironmentConfig(environment);
    expect([read.name, read.vars, read.secrets]).toEqual([name, vars, secrets ?? { required: [] }]);
    const { producers, consumers } = read.queues;
    expect([queues.producers ?? [], queues.consumers ?? []]).toMatchObject([producers, consumers]);
    expect([r2_buckets, analytics_engine_datasets]).toMatchObject([read.r2_buckets, read.analytics_engine_datasets]);
    const lengths = [queues.producers, queues.consumers, r2_buckets, analytics_engine_datasets].map(
      (it) => it?.length ?? 0,
    );
    const readLengths = [producers, consumers, read.r2_buckets, read.analytics_engine_datasets];
    expect(readLengths.map((it) => it.length)).toEqual(lengths);
  });

  it.each([
    ['no section for the environment', 'name = "futurisys"\n[env.prod]\n', 'wrangler.toml has no section [env.dev]'],
    ['no name', '[env.dev]\n', 'wrangler.toml cannot be read: ✖ Invalid input: expected string'],
    ['a line that is no TOML', 'name = \n', 'wrangler.toml cannot be read: Invalid TOML document'],
  ])('says what is wrong with a file with %s', async (_title, toml, said) => {
    await enterProject(toml);
    expect(() => readEnvironmentConfig('dev')).toThrow(said);
  });

  it('gives the addresses of an environment, inherited or its own, and nothing else', async () => {
    await enterProject(
      'name = "futurisys"\nworkers_dev = true\npreview_urls = false\n[env.dev]\ntriggers = { crons = ["* * * * *"] }\n[env.prod]\nworkers_dev = false\nroutes = [{ pattern = "hr.example.org", custom_domain = true }]\n',
    );
    expect(addressesOf('dev')).toEqual({ name: 'futurisys-dev', workers_dev: true, preview_urls: false });
    expect(addressesOf('prod')).toEqual({
      name: 'futurisys-prod',
      workers_dev: false,
      preview_urls: false,
      routes: [{ pattern: 'hr.example.org', custom_domain: true }],
    });
  });

  it('takes a name that the environment has of its own', async () => {
    await enterProject('name = "futurisys"\n[env.dev]\nname = "another"\n');
    expect(readEnvironmentConfig('dev')).toMatchObject({ name: 'another', r2_buckets: [], queues: { producers: [] } });
  });
});
