import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import * as z from 'zod';
import type { Results } from './results.ts';

/** The properties of the machine that the figures depend on, without the names of hosts and users, and without paths. */
export async function describeMachine(): Promise<Results['machine']> {
  const system = /^PRETTY_NAME="(.*)"$/m.exec(await readFile('/etc/os-release', 'utf8').catch(() => ''))?.[1];
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    os: `${system ?? 'unknown'}, ${type()} ${release()}`,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

export async function describeVersions(): Promise<Record<string, string>> {
  const require = createRequire(import.meta.url);
  const workerd = createRequire(require.resolve('wrangler')).resolve('workerd/package.json');
  const packageVersion = async (path: string) =>
    z.object({ version: z.string() }).parse(JSON.parse(await readFile(path, 'utf8'))).version;
  const requirements = await readFile('bench/peers/requirements.txt', 'utf8');
  const mlserver = await readFile('bench/peers/mlserver/requirements.txt', 'utf8');
  const pinned = (text: string, name: string) => new RegExp(`^${name}==(\\S+)`, 'm').exec(text)?.[1] ?? 'unknown';
  return {
    Node: process.versions.node,
    workerd: await packageVersion(workerd),
    'onnxruntime-web': await packageVersion('node_modules/onnxruntime-web/package.json'),
    Hono: await packageVersion('node_modules/hono/package.json'),
    Python: execFileSync('python3', ['--version'], { encoding: 'utf8' }).trim().replace('Python ', ''),
    FastAPI: pinned(requirements, 'fastapi'),
    uvicorn: pinned(requirements, 'uvicorn'),
    onnxruntime: pinned(requirements, 'onnxruntime'),
    XGBoost: pinned(requirements, 'xgboost-cpu'),
    MLServer: pinned(mlserver, 'mlserver'),
  };
}

export function currentCommit(): string {
  const git = (...parameters: string[]) => execFileSync('git', parameters, { encoding: 'utf8' }).trim();
  const changed =
    git('status', '--porcelain', '--', 'workers', 'common', 'model', 'bench/peers', 'bench/servers') !== '';
  return `${git('rev-parse', '--short', 'HEAD')}${changed ? ' with changes' : ''}`;
}
