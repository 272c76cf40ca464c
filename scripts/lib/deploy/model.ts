import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { UserError } from '../cli.ts';
import { readPointer } from '../model/active-version.ts';
import { type Environment, withStore } from '../model/open-store.ts';

const SCRIPTS = join(import.meta.dirname, '../../model');
const REMOTE = { remote: true, data: '.local' };
const Mirrored = z.object({ name: z.string(), version: z.string(), stored: z.boolean() });
const Activated = z.object({ changed: z.boolean() });

/** `activated`: it serves since now, and did not before. */
export type ModelOutcome = { name: string; version: string; stored: boolean; activated: boolean };

/** Mirrors a version, and lets it serve if none does, or if that is wished. */
export async function provideModel(
  environment: Environment,
  { version, activate, commit, signal }: { version: string; activate: boolean; commit: string; signal: AbortSignal },
): Promise<ModelOutcome> {
  const mirrored = Mirrored.parse(
    await runScript('mirror-model', ['--env', environment, '--remote', '--version', version], signal),
  );
  const pointer = (await withStore(environment, REMOTE, readPointer))?.pointer;
  const isOneActive = pointer != null && pointer.action !== 'withdraw';
  if (isOneActive && !activate) return { ...mirrored, activated: false };
  const { name } = mirrored;
  const options = ['--env', environment, '--remote', '--name', name, '--version', mirrored.version];
  const { changed } = Activated.parse(
    await runScript('activate', [...options, '--reason', `deployment of ${commit}`], signal),
  );
  return { ...mirrored, activated: changed };
}

/** Runs a script beside this one, its progress shown. Resolves to its result. */
async function runScript(script: string, options: readonly string[], signal: AbortSignal): Promise<unknown> {
  process.stderr.write(`• ${script}:\n`);
  const child = spawn(process.execPath, [join(SCRIPTS, `${script}.ts`), ...options, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal,
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
    child.once('error', () => resolve(null));
  });
  const [code, stdout] = await Promise.all([ended, text(child.stdout)]);
  if (code === 0) return JSON.parse(stdout);
  throw new UserError(signal.aborted ? `Stopped by ${signal.reason}.` : `${script} failed, as it says above.`);
}
