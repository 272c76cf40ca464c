import { defineConfig } from 'vitest/config';

/** The clients are generated first: npm run test:generated. */
export default defineConfig({
  test: { name: 'generated', include: ['tests/generated/calls/**/*.test.ts'], testTimeout: 30_000 },
});
