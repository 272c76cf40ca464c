import { setTimeout as sleep } from 'node:timers/promises';
import { BatchAnswer, type FieldWarning, PredictAnswer, Problem, type Recorded } from '../../common/api/answers.ts';
import type { Contract } from '../../common/contract/contract.ts';
import { binary } from '../../common/test/binary.ts';
import type { Stack } from '../kit/local-stack.ts';

/** Single records a second, whether or not the earlier ones were answered. */
const REQUESTS_PER_SECOND = 25;
/** The interval of batches, and their number of records: enough to be stored at once. */
const BATCH_EVERY_MS = 3000;
const BATCH_ROWS = 120;
const TIMEOUT_MS = 30_000;

/** What an answer said of one record. */
export type Told = {
  id: string;
  identifier: number;
  /** As it was sent. */
  input: Record<string, unknown>;
  recorded: Recorded;
  label: string;
  probability: number;
  threshold: number;
  risk: string;
  warnings: FieldWarning[];
  /** The version of the model, and the beginning of the sha256 of its graph and of its contract. */
  model: { name: string; version: string; sha256: string; contractSha256: string | null };
};

export type Load = {
  requests: number;
  /** How many answers had each status; 0: none came. */
  statuses: Map<number, number>;
  /** What was answered, and is neither a 200 that can be read nor a problem of status 503; why no answer came. */
  undocumented: string[];
  told: Told[];
  /** The versions of the model that answered. */
  versions: Set<string>;
};

/** Every record names another employee, so that the audit tells one record stored twice from two records. */
let nextIdentifier = 1;

/** Sends records, the contract's examples over and over, for some time; resolves once all are answered. */
export async function runLoad(stack: Stack, { examples }: Contract, seconds: number): Promise<Load> {
  const load: Load = { requests: 0, statuses: new Map(), undocumented: [], told: [], versions: new Set() };
  const pending = new Set<Promise<void>>();
  const take = () => {
    const identifier = nextIdentifier++;
    const input = examples[identifier % examples.length]?.input ?? {};
    return { identifier, input, body: { id_employee: identifier, ...input } };
  };
  const start = (request: () => Promise<void>) => {
    load.requests++;
    const running = request()
      // An answer that cannot be read is a finding: the run goes on.
      .catch((error) => void load.undocumented.push(String(error)))
      .finally(() => pending.delete(running));
    pending.add(running);
  };

  async function post(path: string, body: unknown): Promise<unknown> {
    let status = 0;
    try {
      const response = await stack.fetch(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const answer: unknown = await response.json();
      status = response.status;
      if (status === 200) return answer;
      if (status !== 503 || !Problem.safeParse(answer).success) load.undocumented.push(JSON.stringify(answer));
      return null;
    } catch (error) {
      load.undocumented.push(String(error));
      return null;
    } finally {
      load.statuses.set(status, (load.statuses.get(status) ?? 0) + 1);
    }
  }

  async function single(): Promise<void> {
    const { identifier, input, body } = take();
    const answer = PredictAnswer.nullable().parse(await post('/v1/predict', body));
    if (!answer) return;
    load.versions.add(answer.model.version);
    load.told.push({ ...binary(answer), identifier, input });
  }

  async function batch(): Promise<void> {
    const rows = Array.from({ length: BATCH_ROWS }, take);
    const answer = BatchAnswer.nullable().parse(
      await post(
        '/v1/predict/batch',
        rows.map(({ body }) => body),
      ),
    );
    if (!answer) return;
    const { model } = answer.summary;
    for (const [i, result] of answer.results.entries()) {
      const row = rows[i];
      if ('id' in result && row)
        load.told.push({ ...binary(result), model, identifier: row.identifier, input: row.input });
    }
  }

  const timers = [
    setInterval(() => start(single), 1000 / REQUESTS_PER_SECOND),
    setInterval(() => start(batch), BATCH_EVERY_MS),
  ];
  await sleep(seconds * 1000);
  for (const timer of timers) clearInterval(timer);
  await Promise.all(pending);
  return load;
}

/** What a pool of answers says, as "3 × 200, 1 × 503". */
export function describeStatuses(statuses: ReadonlyMap<number, number>): string {
  return [...statuses]
    .sort(([a], [b]) => a - b)
    .map(([status, count]) => `${count} × ${status === 0 ? 'no answer' : status}`)
    .join(', ');
}
