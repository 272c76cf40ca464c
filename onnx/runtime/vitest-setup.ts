import { buildRuntime } from './runtime.ts';

/** The Worker under test imports the runtime; wrangler builds it before it bundles, and vitest does not. */
export default async function setup(): Promise<void> {
  await buildRuntime();
}
