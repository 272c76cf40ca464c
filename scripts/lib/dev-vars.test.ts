import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDevVar, readDevVars, writeDevVar } from './dev-vars.ts';

const VALUE = '[{"id":"$&","n":1}]';

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vars-'));
  path = join(directory, '.dev.vars.dev');
});
afterEach(() => rm(directory, { recursive: true }));

describe('readDevVar', () => {
  const before = process.cwd();
  beforeEach(() => process.chdir(directory));
  afterEach(() => process.chdir(before));

  it('takes nothing from the file of a deployed environment', async () => {
    await writeFile(path, 'A=3\nC=3\n');
    expect(await readDevVar('A')).toBeUndefined();
    await writeFile('.dev.vars', 'A=1\nB=2\n');
    expect([await readDevVar('A'), await readDevVar('C')]).toEqual(['1', undefined]);
  });
});

describe('writeDevVar', () => {
  it('makes the file, for its owner alone', async () => {
    expect(await readDevVars(path)).toBeNull();
    await writeDevVar(path, 'API_KEYS', VALUE);
    expect(await readDevVars(path)).toEqual({ API_KEYS: VALUE });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['a line at the end', '# mine\nA=1\n', `# mine\nA=1\nAPI_KEYS='${VALUE}'\n`],
    ['no line break at the end', 'A=1', `A=1\nAPI_KEYS='${VALUE}'\n`],
    ['the same line', "A=1\nAPI_KEYS='[]'\n\n# mine\nB=2\n", `A=1\nAPI_KEYS='${VALUE}'\n\n# mine\nB=2\n`],
    ['an empty value', 'API_KEYS=\nB=2\n', `API_KEYS='${VALUE}'\nB=2\n`],
    ['a value without quotes', ' export API_KEYS = [] \r\nB=2\r\n', `API_KEYS='${VALUE}'\r\nB=2\r\n`],
    ['a value of several lines', "API_KEYS='[\n1\n]' # mine\nB=2\n", `API_KEYS='${VALUE}' # mine\nB=2\n`],
    ['a comment with its name', '# API_KEYS=x\nMY_API_KEYS=y\n', `# API_KEYS=x\nMY_API_KEYS=y\nAPI_KEYS='${VALUE}'\n`],
  ])('changes nothing else, given %s', async (_title, before, after) => {
    await writeFile(path, before);
    await writeDevVar(path, 'API_KEYS', VALUE);
    expect(await readFile(path, 'utf8')).toBe(after);
  });

  it('refuses what it would not replace', async () => {
    const before = 'API_KEYS=1\nAPI_KEYS=2\n';
    await writeFile(path, before);
    await expect(writeDevVar(path, 'API_KEYS', VALUE)).rejects.toThrow('by hand');
    expect(await readFile(path, 'utf8')).toBe(before);
  });
});
