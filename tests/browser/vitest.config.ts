import { defineConfig } from 'vitest/config';

/** The tests in a real browser. Not among the projects of `npm test`, which needs nothing that npm cannot install. */
export default defineConfig({
  test: {
    name: 'browser',
    include: ['tests/browser/**/*.test.ts'],
    // It takes minutes where it was never built: the system would not start in time.
    globalSetup: ['tests/kit/build-runtime.ts'],
    // Each file has a browser and a server of its own.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 150_000,
    // A page that is slow to draw is not wrong.
    expect: { poll: { timeout: 15_000 } },
  },
});
