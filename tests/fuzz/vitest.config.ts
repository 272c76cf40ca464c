import { defineConfig } from 'vitest/config';

/** Fuzzing takes minutes, so npm test leaves it out. */
export default defineConfig({
  test: { name: 'fuzz', include: ['tests/fuzz/**/*.test.ts'], hookTimeout: 150_000 },
});
