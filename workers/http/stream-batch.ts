import type { BatchNote, BatchResult, BatchSummary } from '../../common/api/answers.ts';
import type { BatchWriter } from '../../common/api/batch-format.ts';
import { describeProblem } from '../../common/api/problems.ts';
import { type ProblemError, toProblem } from '../errors.ts';
import { readAhead } from './read-ahead.ts';

type Options = {
  results: AsyncGenerator<BatchResult[], void, undefined>;
  writer: BatchWriter;
  model: BatchSummary['model'];
  /** What is to be said of how the source was read. */
  notes(): BatchNote[];
  /** Called when the batch ends early. */
  onStop(problem: ProblemError): void;
  /** Called at the end, with the number of rows. */
  onEnd(rows: number): void;
};

/**
 * Streams the answer to a batch. Rejects if the batch fails before its first result; one that fails later ends with the problem
 * in its summary. `done` resolves when all is written, or the client has gone.
 */
export async function streamBatch(
  options: Options,
): Promise<{ body: ReadableStream<Uint8Array>; done: Promise<void> }> {
  const first = await options.results.next();
  return readAhead(writeAnswer(first, options));
}

async function* writeAnswer(
  first: IteratorResult<BatchResult[], void>,
  { results, writer, model, notes, onStop, onEnd }: Options,
): AsyncGenerator<string, void, undefined> {
  const summary: BatchSummary = { rows: 0, predicted: 0, refused: 0, notRecorded: 0, model };
  try {
    yield writer.start;
    for (let next = first; !next.done; next = await results.next()) {
      yield writer.results(next.value, summary.rows === 0);
      count(summary, next.value);
    }
  } catch (error) {
    const problem = toProblem(error);
    onStop(problem);
    summary.stopped = describeProblem(problem);
  } finally {
    onEnd(summary.rows);
    await results.return();
  }
  const said = notes();
  yield writer.end(said.length > 0 ? { ...summary, notes: said } : summary);
}

function count(summary: BatchSummary, results: readonly BatchResult[]): void {
  for (const result of results) {
    summary.rows++;
    if ('problem' in result) summary.refused++;
    else summary.predicted++;
    if ('recorded' in result && result.recorded === 'failed') summary.notRecorded++;
  }
}
