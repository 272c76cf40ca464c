import { fork } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join, resolve as resolvePath } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { ApiKey } from '../../../common/api/api-key.ts';
import { UserError } from '../cli.ts';

const READY_TIMEOUT_MS = 90_000;
/**
 * Without a limit, V8 lets hundreds of megabytes of garbage gather before it collects any. On Cloudflare, where an isolate has
 * 128 MB, it collects earlier.
 */
const V8_FLAGS = '--initial-old-space-size=16 --max-semi-space-size=2';
const STOP_TIMEOUT_MS = 5_000;
const CRON_TIMEOUT_MS = 60_000;

/** What worker-process.ts is told. */
export const WorkerSettings = z.object({
  port: z.int(),
  /** Where the simulators keep their state; absolute. */
  directory: z.string(),
  environment: z.string(),
  inspect: z.boolean(),
  variables: z.record(z.string(), z.string()),
});
type WorkerSettings = z.infer<typeof WorkerSettings>;

/** What it says once the Worker listens. */
const WorkerStarted = z.object({ inspectorUrl: z.string().nullable() });
export type WorkerStarted = z.infer<typeof WorkerStarted>;

type Options = {
  port: number;
  directory: string;
  /** Where its log is written; by default the same directory. */
  logDirectory?: string;
  environment: string;
  databaseUrl: string;
  /** The keys that it lets in. */
  apiKeys: readonly ApiKey[];
  /** The setting MODEL_SIGNING_KEYS. Where it is left out, the Worker asks for no signature. */
  signingKeys?: string;
  /** Where the Worker reports the queue's messages, if it does. */
  journal?: string;
  /** Where the state of the faults is read, if there are to be any. */
  faults?: string | null;
  /** Whether its inspector listens, with which anybody on the machine, and any page in a browser, runs code in the Worker. */
  inspect?: boolean;
};

/** /health/live, where no model is active that would make the Worker ready. */
type HealthCheck = '/health/ready' | '/health/live';

export type LocalWorker = {
  url: string;
  /** Resolves once the health check answers so; rejects with the worker's last words if it ends or takes too long. */
  ready(check?: HealthCheck): Promise<void>;
  /** Resolves, once it listens, to the inspector's address; to null without one. */
  inspectorUrl: Promise<string | null>;
  /** Runs what the cron runs at Cloudflare; the local runtime has none that runs by itself. */
  runCron(): Promise<void>;
  /** Whether the worker's output goes to the terminal, too. */
  showLog(shown: boolean): void;
  /** Resolves, with a sentence, when the worker ends by itself. */
  ended: Promise<string>;
  /** Resolves once it answers no more. */
  stop(): Promise<void>;
};

/** Starts wrangler's server in a process group of its own, so that a Ctrl-C reaches it only through `stop`. */
export async function startWorker({
  port,
  directory,
  logDirectory = directory,
  environment,
  databaseUrl,
  apiKeys,
  signingKeys = '',
  journal,
  faults = null,
  inspect = false,
}: Options): Promise<LocalWorker> {
  const url = `http://127.0.0.1:${port}`;
  const logPath = join(logDirectory, 'worker.log');
  const log = await open(logPath, 'w', 0o600);
  const child = fork(join(import.meta.dirname, 'worker-process.ts'), {
    detached: true,
    silent: true,
    execArgv: ['--no-warnings'],
    env: {
      MINIFLARE_WORKERD_V8_FLAGS: V8_FLAGS,
      ...process.env,
      WRANGLER_SEND_METRICS: 'false',
      // Offline, wrangler would otherwise try to fetch sample values of Request.cf.
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
      // Else anybody reads and writes the local R2 at /cdn-cgi/explorer, and the addresses of all requests are kept for ever.
      X_LOCAL_EXPLORER: 'false',
      X_LOCAL_OBSERVABILITY: 'false',
    },
  });
  child.send({
    port,
    directory: resolvePath(directory),
    environment,
    inspect,
    variables: {
      DATABASE_URL: databaseUrl,
      API_KEYS: JSON.stringify(apiKeys),
      MODEL_SIGNING_KEYS: signingKeys,
      LOCAL_HOST: new URL(url).host,
      ...(journal !== undefined && { LOCAL_JOURNAL: journal }),
      ...(faults !== null && { LOCAL_FAULTS: faults }),
    },
  } satisfies WorkerSettings);

  let lastLines = '';
  let visible = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      lastLines = (lastLines + chunk.toString()).slice(-4000);
      log.appendFile(chunk).catch(() => undefined);
      if (visible) process.stdout.write(chunk);
    });
  }
  const exited = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(`The worker could not be started: ${error.message}`));
    child.once('exit', (code, signal) => resolve(`The worker ended by itself (${signal ?? `exit code ${code}`}).`));
  });
  const inspectorUrl = new Promise<string | null>((resolve) => {
    child.once('message', (message) => resolve(WorkerStarted.parse(message).inspectorUrl));
  });
  const failure = (sentence: string) =>
    new UserError(`${sentence} Its log is ${logPath}; it ends with:\n${lastLines.trim()}`);

  return {
    url,
    async ready(check = '/health/ready') {
      const deadline = Date.now() + READY_TIMEOUT_MS;
      const ended = exited.then((sentence) => {
        throw failure(sentence);
      });
      while (!(await Promise.race([isHealthy(`${url}${check}`), ended]))) {
        if (Date.now() > deadline) throw failure(`The worker was not ready after ${READY_TIMEOUT_MS / 1000} s.`);
        await sleep(200);
      }
    },
    async runCron() {
      await fetch(`${url}/cdn-cgi/handler/scheduled`, { signal: AbortSignal.timeout(CRON_TIMEOUT_MS) });
    },
    showLog(shown) {
      visible = shown;
    },
    inspectorUrl,
    ended: exited,
    async stop() {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await Promise.race([exited, sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
      // Even where wrangler crashed, no process that it started may answer another request.
      killGroup(child.pid);
      await log.close();
    },
  };
}

/** Ends every process of a group, if there is one left. */
function killGroup(id: number): void {
  try {
    process.kill(-id, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
}
