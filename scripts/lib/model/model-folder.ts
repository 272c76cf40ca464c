import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { Contract } from '../../../common/contract/contract.ts';
import { MODEL_FILES, type ModelFile } from '../../../common/contract/model-version.ts';
import type { NeededRuntime } from '../../../common/contract/needed-runtime.ts';
import { SIGNATURE_FILE } from '../../../common/contract/signature.ts';
import { UserError } from '../cli.ts';

/** Any file of a version. */
export type VersionFile = ModelFile | typeof SIGNATURE_FILE;

/** A model version as it is published: its files, and the contract that describes them. */
export type ModelFiles = Record<ModelFile, Uint8Array>;
/** `signature` is null where nobody signed the version. */
export type ModelFolder = {
  contract: Contract;
  files: ModelFiles;
  signature: Uint8Array | null;
  /** The ONNX runtime that the verification found it to need. */
  runtime?: NeededRuntime | undefined;
};

/** Reads a model folder, and refuses one whose contract is malformed or whose graph is not the one it describes. */
export async function readModelFolder(folder: string): Promise<ModelFolder> {
  const found = await stat(folder).catch(() => null);
  if (!found?.isDirectory())
    throw new UserError(
      `${folder} is ${found ? 'a file, not a folder' : 'not there'}. Name a folder that holds ${MODEL_FILES.join(', ')}.`,
    );
  const read = (file: ModelFile) =>
    readFile(join(folder, file)).catch((error: unknown) => {
      const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      throw new UserError(
        `${join(folder, file)} cannot be read: ${isMissing ? 'there is no such file' : error}. A model folder holds ${MODEL_FILES.join(', ')}.`,
      );
    });
  return checkFiles(
    {
      'model.onnx': await read('model.onnx'),
      'contract.json': await read('contract.json'),
      'README.md': await read('README.md'),
    },
    folder,
    await readFile(join(folder, SIGNATURE_FILE)).catch(() => null),
  );
}

/** Checks the files of a version against each other. `where` names their origin in messages. The signature is for others to check. */
export function checkFiles(files: ModelFiles, where: string, signature: Uint8Array | null): ModelFolder {
  const contract = parseContract(Buffer.from(files['contract.json']).toString('utf8'), `${where}/contract.json`);
  const { sha256: expected, bytes } = contract.graph;
  const actual = sha256(files['model.onnx']);
  if (actual !== expected || files['model.onnx'].length !== bytes) {
    throw new UserError(
      `${where}/model.onnx is not the graph that its contract describes: it has ${files['model.onnx'].length} bytes and sha256 ${actual}; the contract states ${bytes} bytes and ${expected}. Export graph and contract together, and copy both.`,
    );
  }
  return { contract, files, signature };
}

function parseContract(json: string, path: string): Contract {
  try {
    return Contract.parse(JSON.parse(json));
  } catch (error) {
    if (error instanceof z.ZodError) throw new UserError(`${path} is not a valid contract:\n${z.prettifyError(error)}`);
    throw new UserError(
      `${path} is not JSON: ${error instanceof Error ? error.message : error}. JSON has no NaN and no Infinity: leave such a number out.`,
    );
  }
}

/** The files of a version as they are published and stored, the signature last, where there is one. */
export function filesOf({ files, signature }: ModelFolder): { path: VersionFile; bytes: Uint8Array }[] {
  return [
    ...MODEL_FILES.map((path) => ({ path, bytes: files[path] })),
    ...(signature ? [{ path: SIGNATURE_FILE, bytes: signature }] : []),
  ];
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
