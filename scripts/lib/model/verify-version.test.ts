import { describe, expect, it } from 'vitest';
import { createMatrixLayout } from '../../../common/record/tensors.ts';
import { type BinaryContract, binaryContract } from '../../../common/test/binary.ts';
import { createSession } from '../../../onnx/session.ts';
import { toSessionContract } from '../../../onnx/session-contract.ts';
import { type ModelFolder, readModelFolder } from './model-folder.ts';
import { describeReport, verifyVersion } from './verify-version.ts';

const model = await readModelFolder('model');

function changed(change: (contract: BinaryContract) => void): ModelFolder & { contract: BinaryContract } {
  const contract = structuredClone(binaryContract(model.contract));
  change(contract);
  return { ...model, contract };
}

/** Lets two columns of the graph be read for each other. */
function swapColumns({ graph }: BinaryContract): void {
  const columns = graph.inputs.find(({ name }) => name === 'numeric')?.features ?? [];
  const [income, distance] = ['revenu_mensuel', 'distance_domicile_travail'].map((name) => columns.indexOf(name));
  if (income === undefined || distance === undefined || income < 0 || distance < 0) throw new Error('no such columns');
  columns[income] = 'distance_domicile_travail';
  columns[distance] = 'revenu_mensuel';
}

/** The swapped version with one golden case and one example, which its graph answers as they say. */
async function forge(): Promise<ModelFolder> {
  const { contract, files } = changed(swapColumns);
  const [golden] = contract.golden;
  const [example] = contract.examples;
  if (!golden || !example) throw new Error('the contract has golden cases and examples');
  const session = await createSession(files['model.onnx'], toSessionContract(contract));
  const [output] = await session.run(createMatrixLayout(contract)([golden.values]));
  const probability = typeof output === 'number' ? output : Number.NaN;
  await session.release();
  const input = Object.fromEntries(contract.features.flatMap(({ name }, i) => [[name, golden.values[i] ?? '']]));
  const fitting = { golden: [{ ...golden, probability }], examples: [{ ...example, input, probability }] };
  return { ...model, contract: { ...contract, ...fitting } };
}

describe('a version', () => {
  it('that is published verifies, and what its golden cases do not show is said', async () => {
    const report = await verifyVersion(model);
    expect(report).toMatchObject({ cases: 253, failures: [] });
    expect(describeReport({ ...report, unexercised: ['age = 70', 'that age matters'] })).toMatch(
      /^253 golden cases and examples, largest difference .*; no golden case shows age = 70, that age matters$/,
    );
  });

  it('with two columns swapped does not, however its golden cases were cut to one that fits', async () => {
    await expect(verifyVersion(changed(swapColumns))).rejects.toThrow(
      `golden cases and examples of technova-attrition ${model.contract.version} failed`,
    );
    const forged = await forge();
    await expect(verifyVersion(forged)).rejects.toThrow(
      /not enough to tell that its graph is right: 1 different golden cases, and at least 50 are needed; .*age = 70/,
    );
  });

  it('of whose features one is never varied says so', async () => {
    const column = model.contract.features.findIndex(({ name }) => name === 'heure_supplementaires');
    const constant = changed((contract) => {
      const isOut = (value: unknown) => value !== 'Non';
      contract.golden = contract.golden.filter(({ values }) => !isOut(values[column]));
    });
    await expect(verifyVersion(constant)).rejects.toThrow('heure_supplementaires = "Oui"');
  });
});
