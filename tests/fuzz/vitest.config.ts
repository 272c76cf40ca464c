import { defineConfig } from 'vitest/config';

/** The fuzzing takes minutes, and so is no part of npm test. */
export default defineConfig({
  test: { name: 'fuzz', include: ['tests/fuzz/**/*.test.ts'], hookTimeout: 150_000 },
});
