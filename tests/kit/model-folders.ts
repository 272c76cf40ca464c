import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Contract } from '../../common/contract/contract.ts';
import { MODEL_FILES } from '../../common/contract/model-version.ts';

/** Makes a folder with the repository's model under another version number, its contract changed by `change`. */
export async function makeModelFolder(
  parent: string,
  version: string,
  change: (contract: Contract) => void = () => undefined,
): Promise<string> {
  const folder = join(parent, version);
  await mkdir(folder, { recursive: true });
  for (const file of MODEL_FILES) await cp(join('model', file), join(folder, file));
  const contract = Contract.parse(JSON.parse(await readFile(join(folder, 'contract.json'), 'utf8')));
  contract.version = version;
  change(contract);
  await writeFile(join(folder, 'contract.json'), JSON.stringify(contract));
  return folder;
}
