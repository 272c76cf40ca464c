/** A small wrong change of the kind that a hurried developer makes, and the test file that must notice it. */
export type Mutant = {
  file: string;
  /** Stands in the file once. */
  before: string;
  after: string;
  /** Only this file is run. */
  test: string;
  /** The promise that the change breaks. */
  breaks: string;
};

const of = (file: string, test: string, ...changes: readonly [before: string, after: string, breaks: string][]) =>
  changes.map(([before, after, breaks]): Mutant => ({ file, before, after, test, breaks }));

/** Changes in what runs inside workerd, as a process, or in Postgres, where the tool of `npm run test:mutants` does not reach; and in the page. */
export const MUTANTS: readonly Mutant[] = [
  ...of(
    'workers/predict/run.ts',
    'workers/predict/predict-records.test.ts',
    [
      'JSON.stringify([keyId, idempotency.key])',
      'JSON.stringify([idempotency.key])',
      'callers do not share their keys',
    ],
    ['const SETTLING_MS = 60_000', 'const SETTLING_MS = 600_000', 'missing predictions are made after a minute'],
    ['> SETTLING_MS', '< SETTLING_MS', 'predictions on their way are not made twice'],
    ['seq: row', 'seq: 0', 'each row of a repeated request has its own id'],
    [
      "if (claim.fingerprint !== mine.fingerprint) throw new ProblemError('idempotency-key-reused');",
      '',
      'a key is for one content',
    ],
    ['at: claim.claimedAt', 'at: now()', 'a repeated request has the time of the first one'],
  ),
  ...of(
    'workers/predict/predict-records.ts',
    'workers/predict/predict-records.test.ts',
    [
      'if (missing.length > 0 && !earlier.isSettled)',
      'if (!earlier.isSettled)',
      'a request whose answer is stored is answered at once',
    ],
    [
      'a.prediction.id < b.prediction.id ? -1 : 1',
      'a.prediction.id < b.prediction.id ? 1 : -1',
      'recalled predictions come in the order of the rows',
    ],
  ),
  ...of(
    'workers/predict/choose-version.ts',
    'workers/predict/choose-version.test.ts',
    ['if (predictor.contract.name !== name) throw noModel(named);', '', 'another name is not answered by this model'],
    [
      'if (!served.some((it) => sameVersion(it, { name, version }))) throw notServed(name, version, served);',
      '',
      'only versions that the pointer allows answer',
    ],
    ['.sort(compareVersions)', '.sort()', '10.0.0 comes after 9.8.7'],
  ),
  ...of(
    'workers/predict/predict-batch.ts',
    'workers/predict/predict-records.test.ts',
    ['results[row - start]', 'results[row]', 'a result stands in its place in every group'],
    ['start += group.length;', '', 'rows of later groups have ids of their own'],
  ),
  ...of(
    'workers/predict/predict-batch.ts',
    'workers/routes/batch.test.ts',
    ['if (++count > maxRows)', 'if (++count >= maxRows)', 'a batch of exactly the limit is taken'],
    [
      'if (group.length > 0) yield group;\n    throw error;',
      'throw error;',
      'rows before a fault are predicted and told',
    ],
    ['const NAMED_A_ROW = 5', 'const NAMED_A_ROW = 500', 'an answer is bounded by what was asked'],
  ),
  ...of('workers/predict/predict-all.ts', 'workers/routes/open-inference.test.ts', [
    'if (count <= most) return;',
    'if (count < most) return;',
    'exactly the most rows are taken',
  ]),
  ...of(
    'workers/store/prediction-log.ts',
    'workers/store/prediction-log.test.ts',
    ['const MANY = 100', 'const MANY = 101', 'a hundred go to the database first'],
    ['const PATIENCE_MS = 3000', 'const PATIENCE_MS = 30_000', 'an answer waits three seconds for the queue at most'],
    [
      'if (databaseBreaker.isOpen()) return new Set(predictions);',
      '',
      'a database that failed is left alone for a while',
    ],
    ['if (queueBreaker.isOpen()) return false;', '', 'a queue that hung is left alone for a while'],
    ['const MAX_SEND_BYTES = 240_000', 'const MAX_SEND_BYTES = 2_400_000', 'one call holds what a queue takes'],
    [
      "byPrediction.get(prediction) ?? 'stored'",
      "byPrediction.get(prediction) ?? 'queued'",
      'what is stored is said to be stored',
    ],
    [
      "return isKept ? 'spooled' : 'failed';",
      "return 'spooled';",
      'a prediction that nothing took is said to have failed',
    ],
  ),
  ...of(
    'workers/store/circuit-breaker.ts',
    'workers/store/circuit-breaker.test.ts',
    ['const OPEN_MS = 30_000', 'const OPEN_MS = 30', 'a service is left alone for half a minute'],
    ['< this.#openUntil', '<= this.#openUntil', 'after 30 s it is asked again'],
  ),
  ...of(
    'workers/store/insert-predictions.ts',
    'workers/store/insert-predictions.test.ts',
    ['const ROWS = 2000', 'const ROWS = 1000', 'two thousand take one request'],
    ['if (!isAboutRows(error)) throw error;', '', 'a database that is down is no fault of the rows'],
    ['.onConflictDoNothing()', '', 'a message that comes twice is stored once'],
    ['await insertOrHalve(database, rows.slice(middle), refused);', '', 'the second half is stored, too'],
    [
      'if (good.length > 0) await insertOrHalve(database, good, refused);',
      '',
      'good rows beside another contract are stored',
    ],
  ),
  ...of(
    'workers/store/store-messages.ts',
    'workers/store/store-messages.test.ts',
    [
      "if (malformed) return { status: 'retry', reason: malformed.reason };",
      '',
      'a message that newer code can read is kept',
    ],
    [
      "return messages.map((message) => ({ message, outcome: { status: 'retry', reason } }));",
      'return [];',
      'a failed database loses no message',
    ],
  ),
  ...of(
    'workers/store/replay-dead-letters.ts',
    'workers/store/replay-dead-letters.test.ts',
    [
      'await deadLetters.write(key.replace(WAITING, UNREPLAYABLE), text);\n      await deadLetters.remove([key]);',
      'await deadLetters.remove([key]);\n      await deadLetters.write(key.replace(WAITING, UNREPLAYABLE), text);',
      'a letter is kept before it is removed',
    ],
    [
      'replay.failure = causeOf(error);\n    return;',
      'replay.failure = causeOf(error);',
      'letters stay while the database fails',
    ],
    ['replay.more ||= replay.failure !== null;', '', 'a run that failed says that letters wait'],
  ),
  ...of(
    'workers/jobs/store-predictions.ts',
    'workers/jobs/store-predictions.test.ts',
    ['const MAX_DELAY_SECONDS = 300', 'const MAX_DELAY_SECONDS = 300_000', 'a retry waits five minutes at most'],
    ['2 ** message.attempts', '2 * message.attempts', 'retries come ever later'],
    ['      continue;\n', '', 'a message to retry is not acknowledged'],
  ),
  ...of(
    'workers/jobs/dead-letters.ts',
    'workers/jobs/dead-letters.test.ts',
    ['2 ** (attempts - 1)', '2 ** attempts', 'the first retry comes after five minutes'],
    [
      'const MAX_RETRY_SECONDS = 4 * 60 * 60',
      'const MAX_RETRY_SECONDS = 24 * 60 * 60',
      'a queue takes delays of up to 12 hours',
    ],
    ['key < folderOf(', 'key > folderOf(', 'young letters are kept'],
  ),
  ...of(
    'workers/jobs/retention.ts',
    'workers/jobs/retention.test.ts',
    ['retentionDays * DAY_MS', 'retentionDays * HOUR_MS', 'days are days'],
    ['const KEPT_KEYS_MS = 24 * HOUR_MS', 'const KEPT_KEYS_MS = HOUR_MS', 'keys are remembered for a day'],
    ['if (erased < batch * BATCH) break;', 'break;', 'one run erases more than one batch'],
  ),
  ...of(
    'workers/store/history-retention.ts',
    'workers/jobs/retention.test.ts',
    ['30 * 24 * 60 * 60 * 1000', '30 * 24 * 60 * 60', 'an erasure remembers whom it erased for a month'],
    ['isNotNull(erasures.identifier), ', '', 'an erasure is forgotten once'],
  ),
  ...of('workers/store/history-erasures.ts', 'workers/routes/erasure.test.ts', [
    '.having(always ? undefined : gt(count(), 0))',
    '.having(gt(count(), 0))',
    'an erasure of nobody is audited',
  ]),
  ...of(
    'workers/store/history.ts',
    'workers/store/history.test.ts',
    [
      'time: [predictions.createdAt, predictions.id]',
      'time: [predictions.createdAt]',
      'predictions of one moment have an order',
    ],
    ['const LOOKED_UP = 2000', 'const LOOKED_UP = 20_000', 'one query looks up two thousand at most'],
  ),
  ...of(
    'workers/store/cached-answer.ts',
    'workers/store/ping.test.ts',
    ['at - last.at >= keptMs', 'at - last.at > keptMs', 'an answer is kept for its time, and no longer'],
    ['const { answer } = last;', 'const answer = ask();', 'those who ask together share an answer'],
  ),
  ...of(
    'workers/inference/active-model.ts',
    'workers/inference/active-model.test.ts',
    ['const MAX_STALE_MS = 25_000', 'const MAX_STALE_MS = 250_000', 'a switch is live within 30 s'],
    ['const MAX_WAIT_MS = 3000', 'const MAX_WAIT_MS = 300_000', 'a check that hangs delays nobody for long'],
    ['const RETRY_MS = 1000', 'const RETRY_MS = 1', 'R2 is not asked all the time while nothing can be loaded'],
    ['if (loaded !== before?.loaded) await loaded.release();', '', 'a load that came too late is released'],
    ['    old?.retire();\n', '', 'a replaced version is released'],
    ['this.#lease = null;\n', '', 'a withdrawn version answers nobody'],
  ),
  ...of(
    'workers/inference/load-model.ts',
    'workers/inference/load-model.test.ts',
    ['contract.graph.sha256 !== graphSha256', 'false', 'the graph is the one of the contract'],
    ['if (!isActive(pointer, pointer)) {', 'if (false) {', 'a withdrawn version is not loaded'],
    ['if ((await sha256Hex(copy)) === sha256) return copy;', 'return copy;', 'a copy in the cache is checked, too'],
    [
      'if (copy && (await defectOf(await copy.text())) === null) return;',
      'if (copy) return;',
      'a copy of a signature is checked, too',
    ],
    ['if (keys.length === 0) return;', 'return;', 'an unsigned version does not serve'],
    [
      "if (failures.length > 0) throw new Error(failures.join('; '));",
      '',
      'a graph that computes otherwise here does not serve',
    ],
  ),
  ...of(
    'workers/inference/stored-versions.ts',
    'workers/inference/stored-versions.test.ts',
    ['const MAX_VERSIONS = 3', 'const MAX_VERSIONS = 4', 'three versions are kept'],
    ['bytes -= lease.loaded.predictor.contract.graph.bytes;', '', 'no more is evicted than must be'],
    ['        this.#leases.delete(key);\n        this.#leases.set(key, lease);', '', 'the last used version is kept'],
    ['if (loading.name === key) return loading.result;', '', 'one version is loaded once'],
  ),
  ...of('workers/inference/lease.ts', 'workers/inference/active-model.test.ts', [
    '|| this.#users > 0',
    '',
    'a version is not released while a request uses it',
  ]),
  ...of(
    'workers/middleware/authorise.ts',
    'workers/middleware/authorise.test.ts',
    ['isExpired(apiKey, now())', 'false', 'an expired key opens nothing'],
    ['if (scopes.includes(scope)) return;', 'return;', 'a key opens what it has a scope for'],
    ['if (bearer !== null && other !== null && bearer !== other)', 'if (false)', 'two keys at once are refused'],
    ['return isSame ? entry : null;', 'return entry;', 'the secret of a key counts'],
    ['problem ? null : event.keyId', 'event.keyId', 'refused callers do not use up the limit of a key'],
    ['.slice(0, 4)', '.slice(0, 8)', 'a caller with a network of addresses counts as one'],
    ['if (bytes > SINGLE_BYTES)', 'if (bytes >= SINGLE_BYTES)', '64 KiB are a single request'],
    ['if (rows > SINGLE_ROWS)', 'if (rows >= SINGLE_ROWS)', 'a hundred rows are a single request'],
  ),
  ...of(
    'workers/middleware/request-log.ts',
    'workers/middleware/request-log.test.ts',
    ['(?!0{32})', '', 'a trace of zeros is no trace'],
    ['routePath(context)', 'context.req.path', 'no address of a person is logged'],
    ['REQUEST_ID.test(given)', 'true', 'no caller forges lines of the log'],
  ),
  ...of('workers/http/idempotency.ts', 'workers/routes/predict.test.ts', [
    '{1,255}$/',
    '{1,2550}$/',
    'a key has at most 255 characters',
  ]),
  ...of(
    'workers/routes/export.ts',
    'workers/routes/export.test.ts',
    ['page.length < PAGE', 'page.length <= PAGE', 'an export goes on after its first page'],
    ['        controller.error(error);\n', '        controller.close();\n', 'a part is not taken for the whole'],
  ),
  ...of('workers/routes/predictions-cursor.ts', 'workers/routes/predictions.test.ts', [
    'if (!cursor || encodeCursor(cursor, sort) !== text)',
    'if (!cursor)',
    'a cursor that was changed is refused',
  ]),
  ...of(
    'workers/routes/outcome.ts',
    'workers/routes/outcome.test.ts',
    [
      'if (isBeforePrediction(outcome, prediction.createdAt))',
      'if (false)',
      'nothing was observed before it was predicted',
    ],
    [
      'services.models.labelsOf(prediction.model)',
      "services.models.labelsOf({ ...prediction.model, version: '1.0.2' })",
      'an outcome has the labels of its own version',
    ],
  ),
  ...of(
    'workers/routes/health.ts',
    'workers/routes/health.test.ts',
    ["database.status !== 'failed'", 'true', 'without its database the Worker is not ready'],
    [
      "const { detail } = error instanceof ProblemError ? error : new ProblemError('internal');",
      'const detail = String(error);',
      'no cause is told to callers',
    ],
  ),
  ...of(
    'migrations/0005_known_contracts.sql',
    'workers/store/schema.test.ts',
    ['WHERE "models"."contract_sha256" <> "stored"."contract_sha256"', 'WHERE false', 'a version has one contract'],
    ['WHERE "models"."sha256" <> "stored"."model_sha256"', 'WHERE false', 'a version has one graph'],
    ['		AND "models"."contract_sha256" IS NULL;', ';', 'the first contract of a version stays'],
  ),
  ...of(
    'client/client.ts',
    'workers/test/client.test.ts',
    ['...(cursor !== undefined && { cursor })', '', 'the client reads every page'],
    ['if (timer !== undefined) clearTimeout(timer);', '', 'an answer that came in time may be long'],
    ["'idempotency-key': idempotencyKey", "'idempotency': idempotencyKey", 'a repeated request is known by its key'],
    ['if (!response.ok) throw', 'if (response.status >= 500) throw', 'a refusal is an error'],
  ),
  ...of(
    'scripts/lib/model/active-version.ts',
    'scripts/lib/model/active-version.test.ts',
    ['  if (before) await writeHistory(store, before);\n', '', 'a switch that stopped is not forgotten'],
    [
      "condition: current ? { etag: current.etag } : 'absent',",
      "condition: 'absent',",
      'a pointer is replaced on its etag',
    ],
    ['Date.parse(before.activatedAt) + 1', 'Date.parse(before.activatedAt) - 1', 'the history is in order'],
  ),
  ...of(
    'scripts/lib/model/hub.ts',
    'scripts/lib/model/hub.test.ts',
    [' && (await resolveCommit(hub, tag)) === commit', '', 'a tag of another commit is no success'],
    ['file.sha256 === sha256(bytes)', 'true', 'other bytes of the same length are told apart'],
  ),
  ...of('scripts/lib/retrying-fetch.ts', 'scripts/lib/retrying-fetch.test.ts', [
    'Infinity : seconds * 1000',
    'Infinity : seconds',
    'Retry-After is in seconds',
  ]),
  ...of(
    'page/dashboard/aggregate.ts',
    'page/dashboard/aggregate.test.ts',
    ['model.name === name && ', '', 'drift is that of one model, not of its namesakes in number'],
    ['if (date >= last)', 'if (date > last)', 'the days end with the last prediction'],
    ['rankOf(a) - rankOf(b)', 'rankOf(b) - rankOf(a)', 'what moved most comes first'],
    ['(b.reading?.psi ?? 0) - (a.reading?.psi ?? 0)', '0', 'of those that drifted, what moved most comes first'],
    ['[...groups.keys()].sort()', '[...groups.keys()]', 'days are in order, also where predictions are not'],
  ),
  ...of(
    'page/features/numeric.tsx',
    'page/features/controls.test.ts',
    ['max - min >= MAX_CHOICES', 'max - min > MAX_CHOICES', 'five numbers are shown side by side at most'],
    ["exclusiveMin ? words.moreThan : ''", "''", 'a limit that is not accepted itself is said to be so'],
  ),
  ...of(
    'page/features/number-entry.ts',
    'page/features/controls.test.ts',
    ['isWithin(accepted, next) ? next : value', 'next', 'the arrow keys reach accepted numbers only'],
    ['(value + direction).toPrecision(12)', 'value + direction', 'one more than 31.01 is 32.01'],
  ),
  ...of(
    'page/employee/form-record.ts',
    'page/employee/form-record.test.ts',
    ["rule !== 'required' && ", '', 'an empty field is no mistake before the form is submitted'],
    [
      'fields.every((name) => left.has(name))',
      'fields.some((name) => left.has(name))',
      'a rule waits for both of its fields',
    ],
    ['.name]?.trim();', '.name];', 'blanks are nobody'],
  ),
  ...of(
    'page/history/filter.ts',
    'page/history/history.test.ts',
    ['startOf(filter.to, 1)', 'startOf(filter.to, 0)', 'the last day is asked for, too'],
    ['sort: _, ...filter }', '...filter }', 'an order is no filter'],
    ['[, year, month, day] = /^(\\d{4})', '[, year, month, day] = /(\\d{4})', 'a day is a day, and nothing around it'],
  ),
  ...of('page/route.ts', 'page/route.test.ts', [
    'encodeURIComponent(rest)',
    'rest',
    'an address is read as it was written',
  ]),
  ...of(
    'page/file/rows.ts',
    'page/file/rows.test.ts',
    [
      "row.status !== 'refused' && row.notes.length > 0",
      'row.notes.length > 0',
      'a refused row is not one with warnings',
    ],
    [
      'Number(a.key === null) - Number(b.key === null)',
      'sign * (Number(a.key === null) - Number(b.key === null))',
      'rows that lack a value come last either way',
    ],
    [
      'sign * (a.key - b.key) || a.position - b.position',
      'sign * (a.key - b.key || a.position - b.position)',
      'equal rows stay in the order of the file',
    ],
  ),
  ...of(
    'page/file/recognise-files.ts',
    'page/file/recognise-files.test.ts',
    ["if (whole.length > 1) return { fault: 'two-files' };", '', 'two whole files are refused'],
    ['new Set(groups).size < groups.length', 'false', 'two extracts of one group are refused'],
  ),
];
