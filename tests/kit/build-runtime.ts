import { buildRuntime } from '../../scripts/lib/onnx-runtime.ts';

/** Builds the runtime that the Worker under test imports. Wrangler does so before it bundles; vitest does not. */
export default async function setup(): Promise<void> {
  await buildRuntime();
}
