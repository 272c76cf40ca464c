import { defineConfig } from 'vitest/config';

/** Fuzzing takes minutes, so npm test leaves it out. */
export default defineConfig({
  test: {
    name: 'fuzz',
    include: ['tests/fuzz/**/*.test.ts'],
    // It takes minutes where it was never built: the system would not start in time.
    globalSetup: ['tests/kit/build-runtime.ts'],
    hookTimeout: 150_000,
  },
});
