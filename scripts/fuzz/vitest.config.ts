import { defineConfig } from 'vitest/config';

/** The fuzzing with as many requests as it takes to find something; npm test makes fewer. */
export default defineConfig({
  test: {
    name: 'fuzz',
    include: ['scripts/fuzz/**/*.test.ts'],
    env: { FUZZ_INPUTS: process.env['FUZZ_INPUTS'] ?? '12000' },
    hookTimeout: 150_000,
  },
});
