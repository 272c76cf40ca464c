import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cloudflareTest } from '@cloudflare/vitest-pool-workers';
import { defineConfig } from 'vitest/config';

const root = join(import.meta.dirname, '..');

export default defineConfig({
  plugins: [
    cloudflareTest(({ inject }) => ({
      main: './index.ts',
      wrangler: { configPath: '../wrangler.toml', environment: 'dev' },
      miniflare: {
        bindings: { DATABASE_URL: inject<string>('databaseUrl') },
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
    globalSetup: ['./test/global-setup.ts'],
    // Loading the 14 MB runtime into the test runner takes several seconds a worker: one worker runs all files.
    isolate: false,
    maxWorkers: 1,
    restoreMocks: true,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
