import { z } from 'zod';

/** The file names of a model version, on the Hub and in R2. */
export type ModelFile = 'model.onnx' | 'contract.json' | 'README.md';

/** R2 key of one file of a model version. What is stored under it never changes. */
export function modelKey(name: string, version: string, file: ModelFile): string {
  return `models/${name}/${version}/${file}`;
}

/** R2 key of the pointer to the version that serves: the only object that is ever overwritten. */
export const ACTIVE_POINTER_KEY = 'channels/active.json';

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Which version serves, sealed by the digests of its files, and who switched to it, when and why. */
export const ActivePointer = z.object({
  name: z.string().min(1),
  version: z.string().min(1),
  contractSha256: Sha256,
  graphSha256: Sha256,
  activatedAt: z.iso.datetime(),
  activatedBy: z.string().min(1),
  reason: z.string(),
  previousVersion: z.string().nullable(),
});
export type ActivePointer = z.infer<typeof ActivePointer>;
