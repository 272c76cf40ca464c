import * as z from 'zod';
import { NeededRuntime } from './needed-runtime.ts';
import type { SIGNATURE_FILE } from './signature.ts';

/** The files of a model version, on the Hub and in R2. */
export const MODEL_FILES = ['model.onnx', 'contract.json', 'README.md'] as const;
export type ModelFile = (typeof MODEL_FILES)[number];

/** R2 key of one file of a version. The stored file never changes. */
export function modelKey(
  name: string,
  version: string,
  file: ModelFile | typeof SIGNATURE_FILE | 'manifest.json',
): string {
  return `models/${name}/${version}/${file}`;
}

/** The tag that names a version on the Hub. */
export function versionTag(version: string): string {
  return `model-v${version}`;
}

const FileDigest = z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.int().nonnegative() });

/**
 * The last file that is written when a version is stored. Its presence says that the version is whole and was verified. Only
 * such a version may be activated.
 */
export const Manifest = z.object({
  name: z.string().min(1),
  version: z.string().min(1),
  files: z.record(z.enum(MODEL_FILES), FileDigest),
  /** Where the files came from: a Hub repository at a commit, or a folder. */
  source: z.string().min(1),
  storedAt: z.iso.datetime(),
  /** `full`: the slim ONNX runtime lacks what the graph needs. A mark alone: both runtimes answer the same. */
  runtime: NeededRuntime.optional(),
});
export type Manifest = z.infer<typeof Manifest>;

/** Orders version numbers like "1.10.0"; negative if `a` is the lower one. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (const i of [0, 1, 2]) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
