import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

const Package = z.object({
  integrity: z.string().optional(),
  resolved: z.string().optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
});
const Lock = z.object({
  packages: z.record(z.string(), Package),
});

describe('package-lock.json', () => {
  it("holds every platform's packages, which npm drops when its registry lacks one, and without which npm ci fails", async () => {
    const { packages } = Lock.parse(JSON.parse(await readFile('package-lock.json', 'utf8')));
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
      ),
    );
    expect(missing).toEqual([]);
  });

  it('has the digest of every package, and the address of none: any registry may serve it', async () => {
    const { packages } = Lock.parse(JSON.parse(await readFile('package-lock.json', 'utf8')));
    const installed = Object.entries(packages).filter(([path]) => path !== '');
    expect(installed.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual(
      [],
    );
    expect(installed.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([]);
  });
});
