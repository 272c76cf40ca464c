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
  'label',
  'probability',
  'threshold',
  'risk',
  'warnings',
  'outcome',
  'outcomeObservedOn',
];

/**
 * Writes predictions as lines of CSV. Each feature of the version that serves has a column. Inputs of other versions that have
 * no column are JSON in the last one.
 */
export function createExportTable(features: readonly string[]): ExportTable {
  const known = new Set(features);
  const { header, line } = createCsvWriter([...COLUMNS, ...features.map(columnOf), 'otherInput']);
  return {
    header,
    line({ prediction, outcome }) {
      const { model, input, warnings, ...rest } = prediction;
      const inputs = Object.entries(input);
      const other = inputs.filter(([name]) => !known.has(name));
      return line({
        ...rest,
        modelName: model.name,
        modelVersion: model.version,
        modelSha256: model.sha256,
        contractSha256: model.contractSha256,
        warnings: warnings.map(toText).join(' '),
        outcome: outcome?.label ?? null,
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
