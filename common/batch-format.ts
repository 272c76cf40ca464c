import type { BatchResult, BatchSummary, FieldError } from './answers.ts';
import { createCsvWriter } from './csv-writer.ts';

/** Writes the answer to a batch, piece by piece. */
export type BatchWriter = {
  start: string;
  /** `first`: whether no result was written before. */
  results(results: readonly BatchResult[], first: boolean): string;
  end(summary: BatchSummary): string;
};

/** The formats in which a batch is answered, by media type. */
export const BATCH_FORMATS = {
  'application/json': createJsonWriter,
  'application/x-ndjson': createNdjsonWriter,
  'text/csv': createCsvBatchWriter,
} as const satisfies Record<string, () => BatchWriter>;

export type BatchMediaType = keyof typeof BATCH_FORMATS;

/** One BatchAnswer. */
function createJsonWriter(): BatchWriter {
  return {
    start: '{"results":[',
    results: (results, first) => (first ? '' : ',') + results.map((result) => JSON.stringify(result)).join(','),
    end: (summary) => `],"summary":${JSON.stringify(summary)}}`,
  };
}

/** One BatchResult a line, then one BatchEnd. */
function createNdjsonWriter(): BatchWriter {
  return {
    start: '',
    results: (results) => results.map((result) => `${JSON.stringify(result)}\n`).join(''),
    end: (summary) => `${JSON.stringify({ summary })}\n`,
  };
}

const COLUMNS = [
  'line',
  'file',
  'id',
  'identifier',
  'label',
  'probability',
  'threshold',
  'risk',
  'warnings',
  'recorded',
  'problem',
  'errors',
];

/** One line a row. There is no summary, which would be no row of the table: a batch that stopped ends with its problem. */
function createCsvBatchWriter(): BatchWriter {
  const { header, line } = createCsvWriter(COLUMNS);
  return {
    start: header,
    results: (results) => results.map((result) => line(toCells(result))).join(''),
    end: ({ rows, stopped }) => (stopped ? line(toCells({ line: rows + 1, problem: stopped })) : ''),
  };
}

function toCells({ file: name, ...result }: BatchResult): Record<string, string | number | null> {
  const file = name ?? null;
  if ('problem' in result) {
    const { line, problem } = result;
    return { line, file, problem: problem.title, errors: describeErrors(problem.errors) || problem.detail };
  }
  const { warnings, ...rest } = result;
  return { ...rest, file, warnings: warnings.map(({ detail }) => detail).join(' ') };
}

function describeErrors(errors: readonly FieldError[] = []): string {
  return errors.map(({ fields, detail }) => `${fields.join(', ')}: ${detail}`).join(' ');
}
