import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { copyFile, cp, readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { STOCK } from '../../scripts/lib/onnx-runtime.ts';
import { own } from './processes.ts';

/** A Worker as a deploy would upload it. Sizes in bytes. */
export type Build = { directory: string; modules: Module[]; bytes: number; gzipBytes: number };
export type Module = { name: string; path: string; type: 'ESModule' | 'CompiledWasm' | 'Data' };

/** Of this process alone: what another run builds at the same time must not change under the one that is measured. */
export const BUILDS = resolve('dist/bench', String(process.pid));
process.once('exit', () => rmSync(BUILDS, { recursive: true, force: true }));

/** As the published limits count: the modules; the map and wrangler's note about the folder are not uploaded to run. */
const NOT_UPLOADED = /\.map$|^README\.md$/;

/** Builds the Worker of an environment of wrangler.toml. */
export function buildEnvironment(environment: string): Promise<Build> {
  return build(`worker-${environment}`, ['--env', environment]);
}

/** Builds one of the benchmark's own Workers in bench/servers. */
export function buildServer(name: string): Promise<Build> {
  return build(name, [`bench/servers/${name}.ts`, '--config', 'bench/servers/wrangler.toml']);
}

/** A copy of a build, with ONNX Runtime as it is published. */
export async function withPublishedRuntime({ directory, modules }: Build): Promise<Build> {
  const runtime = modules.find(({ type, name }) => type === 'CompiledWasm' && name.includes('ort-wasm-simd-threaded'));
  if (!runtime) throw new Error('the build has no ONNX Runtime');
  const copy = `${directory}-published`;
  await cp(directory, copy, { recursive: true });
  await copyFile(STOCK, join(copy, runtime.name));
  return readBuild(copy);
}

async function build(name: string, parameters: string[]): Promise<Build> {
  const directory = join(BUILDS, name);
  const building = promisify(execFile)('wrangler', ['deploy', ...parameters, '--dry-run', '--outdir', directory], {
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
    maxBuffer: 16 * 1024 * 1024,
  });
  own(building.child);
  await building;
  return readBuild(directory);
}

async function readBuild(directory: string): Promise<Build> {
  const files = (await readdir(directory)).filter((file) => !NOT_UPLOADED.test(file));
  const contents = await Promise.all(files.map((file) => readFile(join(directory, file))));
  return {
    directory,
    modules: files
      .map((file) => ({ name: file, path: join(directory, file), type: typeOf(file) }))
      .toSorted(entryFirst),
    bytes: contents.reduce((sum, { length }) => sum + length, 0),
    gzipBytes: contents.reduce((sum, content) => sum + gzipSync(content).length, 0),
  };
}

function typeOf(file: string): Module['type'] {
  if (file.endsWith('.js')) return 'ESModule';
  return file.endsWith('.wasm') ? 'CompiledWasm' : 'Data';
}

/** wrangler names the entry after its source; it is the only script that it writes. */
function entryFirst(a: Module, b: Module): number {
  return Number(b.type === 'ESModule') - Number(a.type === 'ESModule');
}
