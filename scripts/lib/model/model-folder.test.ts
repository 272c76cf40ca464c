import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readModelFolder } from './model-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'model-'));
  for (const file of ['model.onnx', 'contract.json', 'README.md']) await cp(join('model', file), join(folder, file));
});
afterEach(() => rm(folder, { recursive: true }));

describe('readModelFolder', () => {
  it('reads what the repository publishes', async () => {
    const { contract, files } = await readModelFolder(folder);
    expect(contract.graph.bytes).toBe(files['model.onnx'].length);
  });

  it('refuses a graph with one changed byte', async () => {
    const graph = await readFile(join(folder, 'model.onnx'));
    graph[100] = (graph[100] ?? 0) ^ 1;
    await writeFile(join(folder, 'model.onnx'), graph);
    await expect(readModelFolder(folder)).rejects.toThrow('is not the graph that its contract describes');
  });

  it('refuses a malformed contract, naming the field', async () => {
    const contract = JSON.parse(await readFile(join(folder, 'contract.json'), 'utf8'));
    contract.output.threshold = 32;
    await writeFile(join(folder, 'contract.json'), JSON.stringify(contract));
    await expect(readModelFolder(folder)).rejects.toThrow('output.threshold');
  });

  it('names the file that is missing', async () => {
    await rm(join(folder, 'README.md'));
    await expect(readModelFolder(folder)).rejects.toThrow('README.md cannot be read');
  });
});
