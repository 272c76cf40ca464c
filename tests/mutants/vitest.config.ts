import { defineConfig } from 'vitest/config';

// For the mutants of common/: the tests beside it alone, in as few processes as there are.
export default defineConfig({
  root: process.cwd(),
  test: { include: ['common/**/*.test.ts'], isolate: false, testTimeout: 30_000 },
});
