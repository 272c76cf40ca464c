import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** A model's whole life on running systems takes minutes, so npm test leaves it out. */
export default defineConfig({
  test: {
    name: 'life',
    include: ['tests/life/**/*.test.ts'],
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, '../../node_modules/.cache/compile') },
    // It takes minutes where it was never built: the system would not start in time.
    globalSetup: ['tests/kit/build-runtime.ts'],
    testTimeout: 60_000,
    hookTimeout: 150_000,
  },
});
