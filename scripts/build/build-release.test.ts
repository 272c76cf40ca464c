import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { runScript } from '../../tests/kit/run-script.ts';
import { sha256 } from '../lib/model/model-folder.ts';

/** CycloneDX 1.5: https://cyclonedx.org/docs/1.5/json/ */
const Sbom = z.object({
  bomFormat: z.literal('CycloneDX'),
  components: z.array(
    z.object({ name: z.string(), hashes: z.array(z.object({ alg: z.string(), content: z.string() })) }),
  ),
});
const Lock = z.object({ packages: z.record(z.string(), z.object({ integrity: z.string().optional() })) });

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'release-'));
});
afterAll(() => rm(directory, { recursive: true }));

it('builds the same files each time, and lists every package with its digest', { timeout: 120_000 }, async () => {
  const build = async (name: string) => {
    const out = join(directory, name);
    expect(await runScript('build-release', ['--out', out])).toMatchObject({ code: 0 });
    return (file: string) => readFile(join(out, file));
  };
  const [first, second] = [await build('first'), await build('second')];
  for (const file of ['worker.tar.gz', 'model.onnx', 'contract.json'])
    expect(sha256(await first(file))).toBe(sha256(await second(file)));

  const packed = execFileSync('tar', ['-tzf', join(directory, 'first', 'worker.tar.gz')], { encoding: 'utf8' });
  expect(packed.split('\n')).toEqual(expect.arrayContaining(['worker/index.js', 'assets/index.html']));
  const { components } = Sbom.parse(JSON.parse(String(await first('sbom.cdx.json'))));
  const { packages } = Lock.parse(JSON.parse(await readFile('package-lock.json', 'utf8')));
  const digests = Object.values(packages).flatMap(({ integrity }) => integrity ?? []);
  const listed = components.flatMap(({ hashes }) =>
    hashes.map(({ alg, content }) => `${alg}:${Buffer.from(content, 'hex').toString('base64')}`),
  );
  // The lockfile has a package once for each folder that it is installed in, the list has it once.
  const expected = new Set(digests.map((it) => it.replace('sha512-', 'SHA-512:')));
  expect([...new Set(listed)].sort()).toEqual([...expected].sort());
});
