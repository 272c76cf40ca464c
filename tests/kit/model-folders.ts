import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MODEL_FILES } from '../../common/contract/model-version.ts';
import { type BinaryContract, parseBinaryContract } from '../../common/test/binary.ts';

/** Makes a folder with the repository's model under another version number, its contract changed by `change`. */
export async function makeModelFolder(
  parent: string,
  version: string,
  change: (contract: BinaryContract) => void = () => undefined,
): Promise<string> {
  const folder = join(parent, version);
  await mkdir(folder, { recursive: true });
  for (const file of MODEL_FILES) await cp(join('model', file), join(folder, file));
  const contract = parseBinaryContract(JSON.parse(await readFile(join(folder, 'contract.json'), 'utf8')));
  contract.version = version;
  change(contract);
  await writeFile(join(folder, 'contract.json'), JSON.stringify(contract));
  return folder;
}
