import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
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

type Options = {
  port: number;
  directory: string;
  environment: string;
  databaseUrl: string;
  /** The keys that it lets in. Every user of the machine can see their digests, as all arguments. */
  apiKeys: readonly ApiKey[];
  /** The setting MODEL_SIGNING_KEYS. Where it is left out, the Worker asks for no signature. */
  signingKeys?: string;
  /** Where the Worker reports the queue's messages, if it does. */
  journal?: string;
  /** Where the state of the faults is read, if there are to be any. */
  faults?: string | null;
};

export type LocalWorker = {
  url: string;
  /** Resolves once /health/ready says so; rejects with the worker's last words if it ends or takes too long. */
  ready(): Promise<void>;
  /** Runs what the cron runs at Cloudflare; the local runtime has none that runs by itself. */
  runCron(): Promise<void>;
  /** Whether the worker's output goes to the terminal, too. */
  showLog(shown: boolean): void;
  /** Resolves, with a sentence, when the worker ends by itself. */
  ended: Promise<string>;
  /** Resolves once it answers no more. */
  stop(): Promise<void>;
};

/** Starts `wrangler dev` in a process group of its own, so that a Ctrl-C reaches it only through `stop`. */
export async function startWorker({
  port,
  directory,
  environment,
  databaseUrl,
  apiKeys,
  signingKeys = '',
  journal,
  faults = null,
}: Options): Promise<LocalWorker> {
  const url = `http://127.0.0.1:${port}`;
  const logPath = join(directory, 'worker.log');
  const log = await open(logPath, 'w');
  const child = spawn(
    'wrangler',
    [
      'dev',
      'workers/local/index.ts',
      '--env',
      environment,
      '--ip',
      '127.0.0.1',
      '--port',
      String(port),
      '--inspector-port',
      '0',
      '--persist-to',
      directory,
      '--var',
      `DATABASE_URL:${databaseUrl}`,
      '--var',
      `API_KEYS:${JSON.stringify(apiKeys)}`,
      '--var',
      `MODEL_SIGNING_KEYS:${signingKeys}`,
      ...(journal === undefined ? [] : ['--var', `LOCAL_JOURNAL:${journal}`]),
      ...(faults === null ? [] : ['--var', `LOCAL_FAULTS:${faults}`]),
      '--show-interactive-dev-session=false',
    ],
    {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Offline, wrangler would otherwise try to fetch sample values of Request.cf.
      env: {
        MINIFLARE_WORKERD_V8_FLAGS: V8_FLAGS,
        ...process.env,
        WRANGLER_SEND_METRICS: 'false',
        CLOUDFLARE_CF_FETCH_ENABLED: 'false',
      },
    },
  );

  let lastLines = '';
  let visible = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      lastLines = (lastLines + chunk.toString()).slice(-4000);
      log.appendFile(chunk).catch(() => undefined);
      if (visible) process.stdout.write(chunk);
    });
  }
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`The worker could not be started: ${error.message}`));
    child.once('exit', (code, signal) => resolve(`The worker ended by itself (${signal ?? `exit code ${code}`}).`));
  });
  const failure = (sentence: string) =>
    new UserError(`${sentence} Its log is ${logPath}; it ends with:\n${lastLines.trim()}`);

  return {
    url,
    async ready() {
      const deadline = Date.now() + READY_TIMEOUT_MS;
      const ended = exited.then((sentence) => {
        throw failure(sentence);
      });
      while (!(await Promise.race([isReady(url), ended]))) {
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
    ended: exited,
    async stop() {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      signalGroup(child.pid, 'SIGTERM');
      await Promise.race([exited, sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
      // Even where wrangler crashed, no process that it started may answer another request.
      signalGroup(child.pid, 'SIGKILL');
      await log.close();
    },
  };
}

/** Sends a signal to every process of a group, if there is one left. */
function signalGroup(id: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-id, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
}
