import { env } from 'cloudflare:workers';
import { toHex } from '../../common/bytes.ts';
import { ACTIVE_POINTER_KEY, type ActivePointer } from '../../common/contract/active-pointer.ts';
import { Contract } from '../../common/contract/contract.ts';
import type { FeatureValue } from '../../common/contract/features/kind.ts';
import { type Manifest, type ModelFile, modelKey } from '../../common/contract/model-version.ts';
import { type BinaryContract, binaryContract } from '../../common/test/binary.ts';
import { sha256 } from '../sha256.ts';

/** The bucket of the environment under test. */
export const bucket = env.MODELS ?? fail('the tests need the R2 bucket MODELS');

export type ModelFiles = { contract: BinaryContract; contractJson: string; graph: Uint8Array<ArrayBuffer> };

export const TINY_MODEL = 'workers/test/fixtures/tiny';

/** Reads a model version of a binary output from a folder of the repository. */
export async function readModel(folder = 'model'): Promise<ModelFiles> {
  const model = await readAnyModel(folder);
  return { ...model, contract: binaryContract(model.contract) };
}

/** Reads a model version from a folder of the repository. */
export async function readAnyModel(folder: string): Promise<Omit<ModelFiles, 'contract'> & { contract: Contract }> {
  const read = async (file: ModelFile) => {
    const response = await env.FILES.fetch(`http://files/${folder}/${file}`);
    return new Uint8Array<ArrayBuffer>(await response.arrayBuffer());
  };
  const contractJson = new TextDecoder().decode(await read('contract.json'));
  return { contract: Contract.parse(JSON.parse(contractJson)), contractJson, graph: await read('model.onnx') };
}

/** Stores a version in R2 and makes it the active one, by a pointer that says `more`. */
export async function activate(
  { contract, contractJson, graph }: Omit<ModelFiles, 'contract'> & { contract: Contract },
  more: Partial<ActivePointer> = {},
): Promise<void> {
  const { name, version } = contract;
  await bucket.put(modelKey(name, version, 'contract.json'), contractJson);
  await bucket.put(modelKey(name, version, 'model.onnx'), graph);
  const pointer: ActivePointer = {
    name,
    version,
    contractSha256: toHex(await sha256(contractJson)),
    graphSha256: contract.graph.sha256,
    activatedAt: new Date().toISOString(),
    activatedBy: 'test',
    reason: 'test',
    action: 'activate',
    from: null,
    ...more,
  };
  await bucket.put(ACTIVE_POINTER_KEY, JSON.stringify(pointer));
}

/** Stores a version in R2, whole, without making it the active one. */
export async function storeVersion({ contract, contractJson, graph }: ModelFiles): Promise<void> {
  const { name, version } = contract;
  const put = async (file: ModelFile, content: string | Uint8Array<ArrayBuffer>) => {
    const stored = await bucket.put(modelKey(name, version, file), content);
    return { sha256: toHex(await sha256(content)), bytes: stored?.size ?? fail(`${file} was not stored`) };
  };
  const manifest: Manifest = {
    name,
    version,
    files: {
      'contract.json': await put('contract.json', contractJson),
      'model.onnx': await put('model.onnx', graph),
      'README.md': await put('README.md', new Uint8Array()),
    },
    source: 'test',
    storedAt: new Date().toISOString(),
  };
  await bucket.put(modelKey(name, version, 'manifest.json'), JSON.stringify(manifest));
}

/** The same model under another version number: it shares no stored object, and no cached one, with the original. */
export function renumber(model: ModelFiles, version: string): ModelFiles {
  const contract = { ...model.contract, version };
  return { ...model, contract, contractJson: JSON.stringify(contract) };
}

/** The input of a contract's example, by its position. */
export function exampleInput({ contract }: ModelFiles, position = 0): Record<string, FeatureValue> {
  const example = contract.examples[position];
  if (!example) throw new Error(`the contract has no example ${position}`);
  return example.input;
}

function fail(message: string): never {
  throw new Error(message);
}
