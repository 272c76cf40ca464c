import { readFileSync } from 'node:fs';
import { parse, TomlError } from 'smol-toml';
import * as z from 'zod';
import { UserError } from './cli.ts';

const PATH = 'wrangler.toml';

/** Where a Worker answers. An environment inherits it: https://developers.cloudflare.com/workers/wrangler/configuration/#inheritable-keys */
const Addresses = z.object({
  workers_dev: z.boolean().optional(),
  preview_urls: z.boolean().optional(),
  route: z.unknown().optional(),
  routes: z.array(z.unknown()).optional(),
});

/** What the commands read of an environment. Wrangler inherits none of it: https://developers.cloudflare.com/workers/wrangler/configuration/#non-inheritable-keys */
const Configured = z.object({
  name: z.string().optional(),
  vars: z.record(z.string(), z.unknown()).default({}),
  r2_buckets: z.array(z.object({ binding: z.string(), bucket_name: z.string().optional() })).default([]),
  queues: z
    .object({
      producers: z.array(z.object({ queue: z.string() })).default([]),
      consumers: z.array(z.object({ queue: z.string(), dead_letter_queue: z.string().optional() })).default([]),
    })
    .default({ producers: [], consumers: [] }),
  secrets: z.object({ required: z.array(z.string()) }).default({ required: [] }),
  analytics_engine_datasets: z.array(z.object({ dataset: z.string().optional() })).default([]),
});

const WranglerToml = Addresses.extend({
  name: z.string(),
  compatibility_date: z.string().optional(),
  env: z.record(z.string(), Configured.extend(Addresses.shape)),
});

export type EnvironmentConfig = z.infer<typeof Configured> & { name: string };

/**
 * Reads what this directory's wrangler.toml says of an environment. Wrangler itself takes more than a second to load, which
 * each command would wait for.
 */
export function readEnvironmentConfig(environment: string): EnvironmentConfig {
  const { name, env } = readToml();
  const configured = env[environment];
  if (!configured) throw new UserError(`${PATH} has no section [env.${environment}].`);
  return { ...configured, name: configured.name ?? `${name}-${environment}` };
}

/** The part of wrangler.toml that gives an environment's Worker its addresses, as a configuration of its own: without cron and consumers. */
export function addressesOf(environment: string) {
  const { name } = readEnvironmentConfig(environment);
  const { env, compatibility_date, ...top } = readToml();
  return { compatibility_date, ...Addresses.parse(top), ...Addresses.parse(env[environment]), name };
}

function readToml(): z.infer<typeof WranglerToml> {
  try {
    return WranglerToml.parse(parse(readFileSync(PATH, 'utf8')));
  } catch (error) {
    throw new UserError(`${PATH} cannot be read: ${reasonOf(error)}. Run the command through npm run.`);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) return z.prettifyError(error);
  if (error instanceof TomlError) return error.message;
  return error instanceof Error ? error.message : String(error);
}
