import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type BinaryContract, parseBinaryContract } from '../../common/test/binary.ts';
import { callScript } from '../../tests/kit/call-script.ts';

const LOANS = 'workers/test/fixtures/loans';

let parent: string;
let folder: string;
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'verify-'));
});
afterAll(() => rm(parent, { recursive: true }));
beforeEach(async () => {
  folder = await mkdtemp(join(parent, 'model-'));
  await cp(LOANS, folder, { recursive: true });
  await writeFile(join(folder, 'README.md'), '# Loans');
});

async function change(change: (contract: BinaryContract) => void): Promise<void> {
  const path = join(folder, 'contract.json');
  const contract = parseBinaryContract(JSON.parse(await readFile(path, 'utf8')));
  change(contract);
  await writeFile(path, JSON.stringify(contract));
}

async function verify(...options: string[]) {
  const { code, stdout } = await callScript('verify-model', [folder, ...options, '--json']);
  return { code, ...JSON.parse(stdout) };
}

describe('verify-model', () => {
  it('says of a sound model what it ran, how far off it is, and what no case shows', async () => {
    const report = await verify();
    expect(report).toMatchObject({
      code: 0,
      ok: true,
      name: 'loan-default',
      cases: 101,
      failures: [],
      missing: [],
      errors: [],
      tolerance: 1e-6,
    });
    expect(report.ran.join()).toMatch(/sha256.*101 golden cases and examples one by one.*batches of 2, 17,.*exchanged/);
    expect(report.unexercised.join()).toContain('years employed = 30');
    expect(report.largestDifference).toBeLessThanOrEqual(1e-6);
    expect(report.largestDifference).toBeGreaterThan(0);
  });

  it('names every case that fails and everything that no case shows, at once', async () => {
    await change((contract) => {
      contract.golden = contract.golden
        .filter(({ probability }) => probability < contract.output.threshold)
        .slice(0, 40);
      for (const golden of contract.golden.slice(2, 7)) golden.probability = 0;
    });
    const report = await verify();
    expect(report).toMatchObject({
      code: 1,
      ok: false,
      missing: expect.arrayContaining([expect.stringMatching(/label/)]),
    });
    expect(report.failures).toHaveLength(5);
    expect(report.failures[0]).toMatch(/^golden case 2 is 0\.\d+, not 0 \(at most 0.000001 off\)$/);
    expect(report.errors.join('\n')).toMatch(/at least 50 are needed[\s\S]*5 of \d+ golden cases[\s\S]*and 2 more\n/);
  });

  it('says what ONNX Runtime says of a graph that it cannot open', async () => {
    const graph = Buffer.from('no graph at all');
    await writeFile(join(folder, 'model.onnx'), graph);
    await change((contract) => {
      contract.graph.sha256 = createHash('sha256').update(graph).digest('hex');
      contract.graph.bytes = graph.length;
    });
    const report = await verify();
    expect(report).toMatchObject({ code: 1, ok: false, cases: 0, largestDifference: null });
    expect(report.errors).toEqual([expect.stringMatching(/^The graph of loan-default 0\.1\.0 cannot be /)]);
  });

  it.each([
    ["a contract with Python's NaN", '{"threshold": NaN}', /contract\.json is not JSON: .*JSON has no NaN/],
    ['a contract that lacks everything', '{}', /contract\.json is not a valid contract:[\s\S]*name/],
  ])('refuses %s in words', async (_title, contract, said) => {
    await writeFile(join(folder, 'contract.json'), contract);
    expect(await verify()).toMatchObject({ code: 1, ok: false, errors: [expect.stringMatching(said)] });
  });

  it('refuses a folder that is not there, and arguments that name none or two', async () => {
    await rm(folder, { recursive: true });
    expect(await verify()).toMatchObject({ code: 1, ok: false, errors: [expect.stringContaining('is not there')] });
    expect((await callScript('verify-model', [])).code).toBe(2);
    expect((await verify('another')).code).toBe(2);
  });
});
