import type { AnyOutputKind } from '../contract/outputs/outputs.ts';
import { type CsvValue, cellOf, createCsvWriter } from '../tables/csv-writer.ts';
import type { BatchPrediction, BatchRefusal, BatchResult, BatchSummary, FieldError } from './answers.ts';

/** Writes the answer to a batch, piece by piece. */
export type BatchWriter = {
  start: string;
  /** `first`: whether no result was written before. */
  results(results: readonly BatchResult[], first: boolean): string;
  end(summary: BatchSummary): string;
};

/** The formats in which a batch is answered, by media type. The output's kind says how an outcome stands in a table. */
export const BATCH_FORMATS = {
  'application/json': createJsonWriter,
  'application/x-ndjson': createNdjsonWriter,
  'text/csv': createCsvBatchWriter,
} as const satisfies Record<string, (output: AnyOutputKind) => BatchWriter>;

export type BatchMediaType = keyof typeof BATCH_FORMATS;

/** One BatchAnswer. */
function createJsonWriter(): BatchWriter {
  return {
    start: '{"results":[',
    results: (results, first) => (first ? '' : ',') + JSON.stringify(results).slice(1, -1),
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

/** One line a row. A table has no place for a summary: a batch that stopped ends with its problem. */
function createCsvBatchWriter({ csv }: AnyOutputKind): BatchWriter {
  const before = ['line', 'file', 'id', 'identifier'];
  const { header, row } = createCsvWriter([...before, ...csv.columns, 'warnings', 'recorded', 'problem', 'errors']);
  const noOutcome = csv.columns.map(() => null);
  const refusalCells = ({ line, file, problem: { title, detail, errors } }: BatchRefusal): CsvValue[] => {
    return [line, file ?? null, null, null, ...noOutcome, null, null, title, describeErrors(errors) || detail];
  };
  /** As `row` would write its cells, in a third of the time: no list, and only texts that are not ours are looked at. */
  const predictionLine = (prediction: BatchPrediction): string => {
    const { line, file = '', id, identifier, warnings, recorded } = prediction;
    const said = warnings.map(({ detail }) => detail).join(' ');
    return `${line},${cellOf(file)},${id},${identifier ?? ''},${csv.line(prediction)},${cellOf(said)},${recorded},,\r\n`;
  };
  return {
    start: header,
    results: (results) =>
      results.map((result) => ('problem' in result ? row(refusalCells(result)) : predictionLine(result))).join(''),
    end: ({ rows, stopped }) => (stopped ? row(refusalCells({ line: rows + 1, problem: stopped })) : ''),
  };
}

function describeErrors(errors: readonly FieldError[] = []): string {
  return errors.map(({ fields, detail }) => `${fields.join(', ')}: ${detail}`).join(' ');
}
