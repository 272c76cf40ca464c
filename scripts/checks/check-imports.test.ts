import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';

const CONFIG = 'biome.imports.jsonc';
const Manifest = z.object({ scripts: z.object({ 'check:imports': z.string() }) });

/** A file, what it imports, and the beginning of the message. */
type Broken = [path: string, imported: string, message: string];

const ROUTE = 'Only app.ts imports a route';
const WORKER = 'The Worker imports onnx/ and common/ only';
const SCRIPTS = 'scripts/ imports workers/store, client/, onnx/ and common/ only';
const BENCH = 'bench/ imports scripts/lib, client/, onnx/ and common/ only';
const TESTS = 'tests/ imports scripts/lib, client/, onnx/ and common/ only';
const COMMAND = 'A command is not a library';
const NO_HTTP = 'predict/ knows no HTTP';
const PORTS = 'predict/ imports common/ and ports.ts only';
const A_ROUTE = 'A route imports predict/, http/, middleware/ and common/ only';
const CARRY = 'http/ and middleware/ carry requests';
const PLAIN = 'inference/ and store/ know no HTTP';
const ALONE = 'inference/ and store/ stand alone behind the ports';
const JOB_HTTP = 'A job answers no request';
const JOB = 'A job imports predict/, store/ and common/ only';
const SERVICES = 'services.ts imports env.ts, inference/, store/ and predict/ only';
const LOCAL = 'workers/local/ serves the local system only';
const NO_ROOM = 'Every room of the Worker may import this file';

const BROKEN: Broken[] = [
  ['common/contract/a.ts', 'hono', 'common/ imports zod and nothing else'],
  ['common/contract/b.ts', 'node:fs', 'common/ imports zod and nothing else'],
  ['common/contract/c.ts', '../../onnx/session.ts', 'common/ knows no other room'],
  ['onnx/runtime/a.ts', '../../scripts/lib/cli.ts', 'onnx/ imports common/ only'],
  ['client/a.ts', 'hono', 'client/ imports zod and common/ only'],
  ['client/b.ts', '../workers/errors.ts', 'client/ imports common/ only'],
  ['page/space/a.tsx', '../../workers/errors.ts', 'page/ imports client/, onnx/ and common/ only'],
  ['page/b.ts', '../scripts/lib/cli.ts', 'page/ imports client/, onnx/ and common/ only'],
  ['scripts/database/a.ts', '../../workers/jobs/dead-letters.ts', SCRIPTS],
  ['scripts/lib/b.ts', '../../workers/local/faults.ts', SCRIPTS],
  ['scripts/build/c.ts', '../../page/app.tsx', SCRIPTS],
  ['scripts/local/a.ts', '../../workers/local/clock.ts', SCRIPTS],
  ['scripts/lib/local/b.ts', '../../../tests/kit/local-stack.ts', SCRIPTS],
  ['bench/lib/a.ts', '../../workers/store/schema.ts', BENCH],
  ['bench/b.ts', '../scripts/local/dev.ts', COMMAND],
  ['tests/kit/a.ts', '../../workers/local/faults.ts', TESTS],
  ['tests/kit/b.ts', '../../scripts/local/dev.ts', COMMAND],
  ['tests/faults/a.ts', '../../workers/local/clock.ts', TESTS],
  ['tests/faults/b.ts', '../../bench/run.ts', TESTS],
  ['tests/faults/c.ts', '../../scripts/local/dev.ts', COMMAND],
  ['workers/predict/a.ts', 'hono', NO_HTTP],
  ['workers/predict/b.ts', '../http/read-json.ts', NO_HTTP],
  ['workers/predict/batch/c.ts', '../../middleware/services.ts', NO_HTTP],
  ['workers/predict/d.ts', '../store/schema.ts', PORTS],
  ['workers/predict/e.ts', '../env.ts', PORTS],
  ['workers/predict/f.ts', '../../page/app.tsx', WORKER],
  ['workers/routes/a.ts', '../store/schema.ts', A_ROUTE],
  ['workers/routes/b.ts', '../../client/client.ts', WORKER],
  ['workers/middleware/a.ts', '../routes/predict.ts', ROUTE],
  ['workers/http/b.ts', '../predict/run.ts', CARRY],
  ['workers/http/c.ts', '../../scripts/lib/cli.ts', WORKER],
  ['workers/store/a.ts', '../routes/predict.ts', ROUTE],
  ['workers/inference/b.ts', '../middleware/services.ts', PLAIN],
  ['workers/store/c.ts', '../inference/models.ts', ALONE],
  ['workers/store/d.ts', '../../bench/run.ts', WORKER],
  ['workers/jobs/a.ts', '../routes/predict.ts', ROUTE],
  ['workers/jobs/b.ts', 'hono', JOB_HTTP],
  ['workers/jobs/c.ts', '../env.ts', JOB],
  ['workers/jobs/d.ts', '../../tests/kit/local-stack.ts', WORKER],
  ['workers/services.ts', './routes/predict.ts', ROUTE],
  ['workers/services.ts', './http/read-json.ts', SERVICES],
  ['workers/services.ts', '../page/app.tsx', WORKER],
  ['workers/app.ts', './store/schema.ts', 'app.ts names routes and middleware only'],
  ['workers/app.ts', '../page/app.tsx', WORKER],
  ['workers/index.ts', './routes/predict.ts', ROUTE],
  ['workers/index.ts', './local/clock.ts', LOCAL],
  ['workers/index.ts', '../page/app.tsx', WORKER],
  ['workers/local/a.ts', '../routes/predict.ts', ROUTE],
  ['workers/local/b.ts', '../../scripts/lib/cli.ts', WORKER],
  ['workers/ports.ts', './predict/run.ts', NO_ROOM],
  ['workers/errors.ts', '../page/app.tsx', WORKER],
];

/** Each stands beside a broken arrow that it must not be taken for. */
const KEPT: [path: string, imported: string][] = [
  ['common/tables/kept.ts', '../contract/contract.ts'],
  ['common/tables/kept.ts', 'zod'],
  ['common/tables/kept.test.ts', '../../scripts/lib/cli.ts'],
  ['onnx/kept.ts', '../common/bytes.ts'],
  ['onnx/kept.ts', 'onnxruntime-web/wasm'],
  ['page/kept.tsx', '../client/client.ts'],
  ['scripts/database/kept.ts', '../../workers/store/schema.ts'],
  ['scripts/local/kept.ts', '../../workers/local/faults.ts'],
  ['tests/faults/kept.ts', '../../workers/local/faults.ts'],
  ['tests/kit/kept.ts', '../../scripts/lib/cli.ts'],
  ['workers/predict/kept.ts', '../ports.ts'],
  ['workers/predict/batch/kept.ts', '../../../common/history/prediction.ts'],
  ['workers/routes/kept.ts', '../predict/run.ts'],
  ['workers/app.ts', './routes/predict.ts'],
  ['workers/test/kept.ts', '../routes/predict.ts'],
];

const CYCLE: [path: string, text: string][] = [
  ['page/round.ts', "import type { Trip } from './trip.tsx';\nexport type Round = Trip | null;\n"],
  ['page/trip.tsx', "import type { Round } from './round.ts';\nexport type Trip = { round: Round };\n"],
];

let directory: string;
let said: string[];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'imports-'));
  for (const name of [CONFIG, '.gitignore']) await copyFile(name, join(directory, name));
  const texts = new Map(CYCLE);
  for (const [path, imported] of [...BROKEN, ...KEPT])
    texts.set(path, `${texts.get(path) ?? ''}import type * as it${texts.size} from '${imported}';\n`);
  for (const [path, text] of texts) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  said = (await lint(directory)).split('\n').filter((line) => line.startsWith('::error'));
});
afterAll(() => rm(directory, { recursive: true }));

/** Runs the same command as npm run check:imports. Its report has a line for each violation. */
async function lint(folder: string): Promise<string> {
  const { scripts } = Manifest.parse(JSON.parse(await readFile('package.json', 'utf8')));
  const [command = '', ...options] = scripts['check:imports'].split(' ');
  return new Promise((resolved) => {
    const file = resolve('node_modules/.bin', command);
    execFile(file, [...options, '--reporter=github'], { cwd: folder }, (_error, stdout, stderr) =>
      resolved(stdout + stderr),
    );
  });
}

/** The messages about one import of a file. */
function messagesAbout(path: string, imported?: string): string[] {
  const all = BROKEN.concat(KEPT.map(([file, it]) => [file, it, '']));
  const line = all.filter(([file]) => file === path).findIndex(([, it]) => it === imported) + 1;
  return said
    .filter((it) => it.includes(`/${path},line=${line},`))
    .map((it) => it.replace(/^.*?::/, '').replace(/^.*?::/, ''));
}

describe('npm run check:imports', () => {
  it.each(BROKEN)('refuses in %s an import of %s', (path, imported, message) => {
    expect(messagesAbout(path, imported)).toContainEqual(expect.stringContaining(message));
  });

  it.each(KEPT)('allows in %s an import of %s', (path, imported) => {
    expect(messagesAbout(path, imported)).toEqual([]);
  });

  it('refuses a cycle of type-only imports, also through TSX', () => {
    const cycles = said.filter((it) => it.includes('noImportCycles'));
    expect(cycles.map((it) => /\/(page\/[\w.]+),/.exec(it)?.[1]).sort()).toEqual(['page/round.ts', 'page/trip.tsx']);
  });

  it('has no message that is not tried here', async () => {
    const messages = [...(await readFile(CONFIG, 'utf8')).matchAll(/"message": "(.*)"/g)].map(([, it = '']) => it);
    expect(messages.length).toBeGreaterThan(30);
    expect(messages.filter((it) => !BROKEN.some(([, , message]) => it.startsWith(message)))).toEqual([]);
  });
});
