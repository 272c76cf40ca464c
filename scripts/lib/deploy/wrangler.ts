import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { UserError } from '../cli.ts';

/** What wrangler appends to WRANGLER_OUTPUT_FILE_PATH, a line for each thing done. */
export type OutputEntry = { type: string; version_id?: string | null };

/** Cloudflare's codes for a Worker that does not exist. */
export const NOT_FOUND_CODES = [10007, 10090];

export class WranglerError extends UserError {
  /** Cloudflare's error code, where it gave one. */
  readonly code: number | null;

  constructor(args: readonly string[], output: string) {
    super(`wrangler ${args.slice(0, 2).join(' ')} failed:\n${output}`);
    this.code = Number(output.match(/\[code: (\d+)\]/)?.[1] ?? Number.NaN) || null;
  }

  get isWorkerMissing(): boolean {
    return NOT_FOUND_CODES.includes(this.code ?? 0) || /Worker "[^"]+"( \(env: [^)]+\))? not found/.test(this.message);
  }
}

/**
 * Runs wrangler to its end, without a terminal, so that it never asks. In a process group of its own, it survives a Ctrl-C in
 * the middle of a request. `input` goes to its stdin: the way for secrets.
 */
export async function wrangler(
  args: readonly string[],
  input = '',
): Promise<{ stdout: string; entries: OutputEntry[] }> {
  const directory = await mkdtemp(join(tmpdir(), 'wrangler-'));
  const outputFile = join(directory, 'output.ndjson');
  try {
    const { code, stdout, stderr } = await run(args, input, {
      NO_COLOR: '1',
      WRANGLER_SEND_METRICS: 'false',
      WRANGLER_HIDE_BANNER: 'true',
      WRANGLER_OUTPUT_FILE_PATH: outputFile,
      // Its log would stay on this machine, with what was sent.
      WRANGLER_LOG_PATH: directory,
    });
    if (code !== 0) throw new WranglerError(args, readable(`${stdout}\n${stderr}`));
    return { stdout, entries: await readEntries(outputFile) };
  } finally {
    await rm(directory, { recursive: true });
  }
}

function run(args: readonly string[], input: string, env: Record<string, string>) {
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    const child = spawn('wrangler', args, {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk;
    });
    child.once('error', (error) =>
      reject(new UserError(`wrangler cannot be run (${error.message}). Install it (npm ci), and use npm run.`)),
    );
    child.once('close', (code) => resolve({ code, stdout, stderr }));
    // A child that does not read its stdin may close it first.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

async function readEntries(path: string): Promise<OutputEntry[]> {
  const lines = await readFile(path, 'utf8').catch(() => '');
  return lines
    .split('\n')
    .filter(Boolean)
    .map((line): OutputEntry => JSON.parse(line));
}

/** Without colours, and without the advice that is about wrangler itself. */
function readable(output: string): string {
  return stripVTControlCharacters(output)
    .split('\n')
    .map((line) => line.trim())
    .filter(
      (line) => line && !/If you think this is a bug|newer version of Wrangler|Logs were written|^├|^╰/.test(line),
    )
    .join('\n');
}
