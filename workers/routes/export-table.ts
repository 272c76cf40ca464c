import type { Contract } from '../../common/contract/contract.ts';
import { outcomeCells, outputKind } from '../../common/contract/outputs/outputs.ts';
import type { Prediction } from '../../common/history/prediction.ts';
import { createCsvWriter } from '../../common/tables/csv-writer.ts';
import type { HistoryEntry } from '../ports.ts';

export type ExportTable = { header: string; line(entry: HistoryEntry): string };

const COLUMNS = [
  'id',
  'createdAt',
  'identifier',
  'keyId',
  'modelName',
  'modelVersion',
  'modelSha256',
  'contractSha256',
];
/** Every history has these: a version of another kind may have served before. */
const BINARY = ['label', 'probability', 'threshold', 'risk'];
const AFTER = ['warnings', 'outcome', 'outcomeObservedOn'];

/**
 * Writes predictions as lines of CSV. Each feature of the version that serves has a column, and so has each field of its outcome.
 * Inputs of other versions that have no column are JSON in the last one.
 */
export function createExportTable({ features, output }: Pick<Contract, 'features' | 'output'>): ExportTable {
  const names = features.map(({ name }) => name);
  const known = new Set(names);
  const more = outputKind(output).csv.columns.filter((name) => !BINARY.includes(name));
  const { header, line } = createCsvWriter([
    ...COLUMNS,
    ...BINARY,
    ...more,
    ...AFTER,
    ...names.map(columnOf),
    'otherInput',
  ]);
  return {
    header,
    line({ prediction, outcome }) {
      const { id, createdAt, identifier, keyId, model, input, warnings } = prediction;
      const inputs = Object.entries(input);
      const other = inputs.filter(([name]) => !known.has(name));
      return line({
        id,
        createdAt,
        identifier,
        keyId,
        ...outcomeCells(prediction),
        modelName: model.name,
        modelVersion: model.version,
        modelSha256: model.sha256,
        contractSha256: model.contractSha256,
        warnings: warnings.map(toText).join(' '),
        outcome: outcome && ('label' in outcome ? outcome.label : outcome.value),
        outcomeObservedOn: outcome?.observedOn ?? null,
        ...Object.fromEntries(inputs.map(([name, value]) => [columnOf(name), value])),
        otherInput: other.length > 0 ? JSON.stringify(Object.fromEntries(other)) : '',
      });
    },
  };
}

function columnOf(feature: string): string {
  return `input.${feature}`;
}

/** Such as "unseen-combination:department+job". */
function toText({ code, fields }: Prediction['warnings'][number]): string {
  return `${code}:${fields.join('+')}`;
}
