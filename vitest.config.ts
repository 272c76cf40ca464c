import { join } from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // What passes has nothing to say; the Worker alone logs a line a request.
    silent: 'passed-only',
    projects: [
      // What of the page needs no browser is as pure as what stands in common/.
      {
        test: {
          name: 'common',
          include: ['common/**/*.test.ts', 'page/**/*.test.ts'],
          // A test that compares nothing, of an empty list say, holds nothing.
          expect: { requireAssertions: true },
          // Nothing is left behind for the next file: a process for each would take longer to start than to test.
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
          // Some try thousands of inputs, which takes longer beside other work.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'scripts',
          include: ['scripts/**/*.test.ts', 'bench/**/*.test.ts', 'onnx/**/*.test.ts', 'tests/**/*.test.ts'],
          // What needs a browser, or minutes, or what others generate: npm run test:browser, test:fuzz, test:generated, test:life.
          exclude: [
            ...configDefaults.exclude,
            'tests/browser/**',
            'tests/fuzz/**',
            'tests/generated/**',
            'tests/life/**',
          ],
          // These mostly wait for the processes that they start, most of whose time goes into compiling wrangler.
          env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/compile') },
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      './workers/vitest.config.ts',
    ],
  },
});
