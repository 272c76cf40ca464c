import type { Contract } from '../../common/contract/contract.ts';
import { createCsvWriter } from '../../common/tables/csv-writer.ts';

/** A CSV file to fill in: every column, and the made-up examples of the contract as rows. With a mark that Excel reads as UTF-8. */
export function templateCsv({ identifier, features, examples }: Contract): string {
  const { header, line } = createCsvWriter([
    ...(identifier ? [identifier.name] : []),
    ...features.map(({ name }) => name),
  ]);
  const rows = examples.map(({ input }, i) => line(identifier ? { ...input, [identifier.name]: i + 1 } : input));
  return `\uFEFF${header}${rows.join('')}`;
}
