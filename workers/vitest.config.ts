import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cloudflareTest } from '@cloudflare/vitest-pool-workers';
import { defineConfig } from 'vitest/config';
import { KEYS, toApiKeys } from './test/keys.ts';

const root = join(import.meta.dirname, '..');
const apiKeys = await toApiKeys(Object.values(KEYS));

const limited = (namespace: string, limit: number) => ({
  namespace_id: namespace,
  simple: { limit, period: 60 as const },
});

export default defineConfig({
  plugins: [
    cloudflareTest(({ inject }) => ({
      main: './index.ts',
      wrangler: { configPath: '../wrangler.toml', environment: 'dev' },
      miniflare: {
        bindings: { DATABASE_URL: inject<string>('databaseUrl'), API_KEYS: apiKeys },
        // All tests share their callers' limits, and are not about them; those that are have a limit of their own.
        ratelimits: {
          REQUEST_LIMIT: limited('requests', 1_000_000),
          BATCH_LIMIT: limited('batches', 1_000_000),
          TWO_A_MINUTE: limited('two-a-minute', 2),
        },
        // Workers have no file system: tests ask Node for the files of the repository.
        serviceBindings: {
          FILES: async (request: Request) => new Response(await readFile(join(root, new URL(request.url).pathname))),
        },
      },
    })),
  ],
  test: {
    name: 'workers',
    include: ['**/*.test.ts'],
    // A test that compares nothing, of an empty list say, holds nothing.
    expect: { requireAssertions: true },
    globalSetup: ['../tests/kit/build-runtime.ts', './test/global-setup.ts'],
    // Loading the runtime, of several megabytes, into the test runner takes seconds a worker: one worker runs all files.
    isolate: false,
    maxWorkers: 1,
    restoreMocks: true,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
