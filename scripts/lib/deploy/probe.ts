import type { Contract } from '../../../common/contract/contract.ts';
import { call, keyHeaders } from '../model/smoke-test.ts';
import type { Interruption } from './interruption.ts';

export type ProbeOptions = { requests: number; seconds: number; maxErrorRate: number };
export type ProbeReport = { requests: number; errors: number; lastError: string | null };

/** One request in this many is a prediction. An environment that records stores it like any other. */
const PREDICTION_EVERY = 5;
const READS = ['/health/live', '/health/ready', '/v1/model'];

/**
 * Sends a bounded load, evenly over the time, as any caller would. It counts the answers that no caller should get: a status
 * of 500 and above, no answer, and a refusal of the API key that passed the smoke test. It ends early once there are more than
 * the rate allows.
 */
export async function probe(
  url: string,
  { examples }: Contract,
  { requests, seconds, maxErrorRate }: ProbeOptions,
  interruption: Interruption,
): Promise<ProbeReport> {
  const prediction = { body: examples[0]?.input, headers: keyHeaders() };
  const report: ProbeReport = { requests: 0, errors: 0, lastError: null };
  while (report.requests < requests && !exceeds(report, { requests, maxErrorRate })) {
    const error = await send(report.requests++);
    if (error !== null) {
      report.errors++;
      report.lastError = error;
    }
    await interruption.wait((seconds * 1000) / requests);
  }
  return report;

  async function send(i: number): Promise<string | null> {
    const isPrediction = i % PREDICTION_EVERY === 0;
    const path = isPrediction ? '/v1/predict' : (READS[i % READS.length] ?? '/health/live');
    try {
      const { status } = await call(url, path, isPrediction ? prediction : {});
      return status >= 500 || status === 401 || status === 403 ? `${path} answered ${status}` : null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}

/** Whether there are more errors than this number of requests may have. */
export function exceeds({ errors }: ProbeReport, { requests, maxErrorRate }: Omit<ProbeOptions, 'seconds'>): boolean {
  return errors > requests * maxErrorRate;
}
