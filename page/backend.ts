import type { Client, RecordInput } from '../client/client.ts';
import type {
  BatchEnd,
  BatchResult,
  Capabilities,
  ExploreAnswer,
  ExploreRequest,
  PredictAnswer,
} from '../common/api/answers.ts';
import type { Scope } from '../common/api/scope.ts';
import type { Contract } from '../common/contract/contract.ts';
import type { Text } from '../common/contract/text.ts';
import type { Language } from './language.ts';

/**
 * The work that the page hands on: to the API, or to the browser itself. A method rejects with an ApiError for a problem of the
 * API, with a PageError for a failure with a text of its own, else with any other error. `failureText` has words for all.
 */
export type Backend = {
  capabilities: Capabilities;
  contract: Contract;
  /** Whether predictions are made in this browser: nothing is sent. */
  offline: boolean;
  /** Resolves once predictions can be made; rejects where they cannot. */
  ready: Promise<void>;
  /**
   * One prediction, recorded where the environment records: once, however often it is sent under one key. `watch` gets the request
   * and the response, if there were any.
   */
  predict(record: RecordInput, options: PredictOptions): Promise<PredictAnswer>;
  /** The answers of predict, without a record of them. */
  explore(request: ExploreRequest): Promise<ExploreAnswer>;
  /** The result of every row of a CSV file, as they come, in order; the last item is the summary. Rejects once `signal` aborts. */
  predictFile(file: Blob, signal: AbortSignal): AsyncGenerator<BatchResult | BatchEnd, void, undefined>;
  /** Null where nothing is recorded. */
  history: History | null;
};

export type History = Pick<
  Client,
  'listPredictions' | 'allPredictions' | 'getPrediction' | 'putOutcome' | 'deletePrediction' | 'exportPredictions'
>;

type PredictOptions = { idempotencyKey: string; watch(exchange: Exchange): void };

/** A request and its answer, as text. `latencyMs` is until the whole answer was there. */
export type Exchange = {
  method: string;
  path: string;
  requestBody: string;
  status: number;
  responseBody: string;
  requestId: string | null;
  latencyMs: number;
};

export type TabProps = { backend: Backend; contract: Contract; language: Language };

/** A failure with a text for the visitor. */
export class PageError extends Error {
  override readonly name = 'PageError';
  readonly text: Text;

  constructor(text: Text, cause?: unknown) {
    super(text.en, { cause });
    this.text = text;
  }
}

/** Whether this visitor may do it, with a key or without. */
export function may({ publicScopes, scopes }: Capabilities, scope: Scope): boolean {
  return publicScopes.includes(scope) || scopes.includes(scope);
}
