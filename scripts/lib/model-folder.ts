import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ModelFile } from '../../common/active-pointer.ts';
import { Contract } from '../../common/contract.ts';
import { UserError } from './cli.ts';

/** A model version as it is published: its files, and the contract that describes them. */
export type ModelFolder = { contract: Contract; files: Record<ModelFile, Buffer> };

/** Reads a model folder, and refuses one whose contract is malformed or whose graph is not the one it describes. */
export async function readModelFolder(folder: string): Promise<ModelFolder> {
  const read = (file: ModelFile) =>
    readFile(join(folder, file)).catch(() => {
      throw new UserError(
        `${join(folder, file)} cannot be read. A model folder holds model.onnx, contract.json and README.md.`,
      );
    });
  const files = {
    'model.onnx': await read('model.onnx'),
    'contract.json': await read('contract.json'),
    'README.md': await read('README.md'),
  };
  const contract = parseContract(files['contract.json'].toString('utf8'), join(folder, 'contract.json'));
  const { sha256: expected, bytes } = contract.graph;
  const actual = sha256(files['model.onnx']);
  if (actual !== expected || files['model.onnx'].length !== bytes) {
    throw new UserError(
      `${join(folder, 'model.onnx')} is not the graph that its contract describes: it has ${files['model.onnx'].length} bytes and sha256 ${actual}; the contract states ${bytes} bytes and ${expected}.`,
    );
  }
  return { contract, files };
}

function parseContract(json: string, path: string): Contract {
  try {
    return Contract.parse(JSON.parse(json));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new UserError(`${path} is not a valid contract:\n${reason}`);
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
