import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callScript } from '../../tests/kit/call-script.ts';
import { type Checkout, makeCheckout } from '../../tests/kit/git-checkout.ts';

const SHA512 = `sha512-${'A'.repeat(86)}==`;
const HASH = `--hash=sha256:${'0a'.repeat(32)}`;

const ROOT = { optionalDependencies: { 'tool-linux': '1.0.0', 'tool-win': '1.0.0' } };
const PACKAGES: Record<string, Record<string, unknown>> = {
  '': ROOT,
  'node_modules/tool-linux': { version: '1.0.0', integrity: SHA512 },
  'node_modules/tool-win': { version: '1.0.0', integrity: SHA512 },
  'node_modules/built': { version: '2.0.0', integrity: SHA512, hasInstallScript: true },
};
const REQUIREMENTS = `# made by uv
one-package==1.0 \\
    ${HASH} \\
    ${HASH}
other[extra]==2.0.1 ; sys_platform == 'win32' ${HASH}  # a comment
`;

let checkout: Checkout;
beforeEach(async () => {
  checkout = await makeCheckout();
});
afterEach(() => checkout.remove());

async function check(packages: Record<string, unknown> = {}, requirements: string = REQUIREMENTS) {
  const write = (name: string, text: string) => writeFile(join(checkout.directory, name), text);
  await write('package.json', JSON.stringify({ allowScripts: { built: true } }));
  await write('package-lock.json', JSON.stringify({ packages: { ...PACKAGES, ...packages } }));
  await write('requirements.txt', requirements);
  const { code, stdout, stderr } = await callScript('check-digests', ['--directory', checkout.directory]);
  return {
    code,
    stdout,
    stderr,
    problems: stderr.split('\n').filter((line) => /^(package-lock\.json|requirements\.txt)/.test(line)),
  };
}

describe('check-digests', () => {
  it('passes on what this project installs', async () => {
    expect(await callScript('check-digests', [])).toMatchObject({ code: 0, stderr: '' });
  });

  it('accepts packages and requirements that have their digests', async () => {
    const { code, stdout, problems } = await check();
    expect(problems).toEqual([]);
    expect(code).toBe(0);
    expect(stdout).toContain('3 packages in package-lock.json and 2 requirements in 1 file have their digests.');
  });

  it('reads the lockfile of a kit, too', async () => {
    await mkdir(join(checkout.directory, 'kit'));
    await writeFile(join(checkout.directory, 'kit/package.json'), '{}');
    const packages = { '': {}, 'node_modules/x': { version: '1.0.0' } };
    await writeFile(join(checkout.directory, 'kit/package-lock.json'), JSON.stringify({ packages }));
    const { code, stderr } = await check();
    expect(code).toBe(1);
    expect(stderr).toContain('kit/package-lock.json: node_modules/x has no sha512');
  });

  it.each([
    ['a package without a digest', { 'node_modules/x': { version: '1.0.0' } }, 'node_modules/x has no sha512'],
    ['a weak digest', { 'node_modules/x': { integrity: 'sha1-AAAA' } }, 'node_modules/x has no sha512'],
    [
      'an address',
      { 'node_modules/x': { integrity: SHA512, resolved: 'https://r.test/x.tgz' } },
      'node_modules/x has an address',
    ],
    [
      'an install script',
      { 'node_modules/x': { integrity: SHA512, hasInstallScript: true } },
      'node_modules/x has an install script',
    ],
    [
      'a dropped platform',
      { '': { optionalDependencies: { ...ROOT.optionalDependencies, 'tool-mac': '1.0.0' } } },
      'tool-mac, which package.json installs on another platform, is missing',
    ],
  ])('refuses %s in package-lock.json', async (_what, packages, problem) => {
    const { code, problems } = await check(packages);
    expect(code).toBe(1);
    expect(problems).toEqual([expect.stringContaining(`package-lock.json: ${problem}`)]);
  });

  it.each([
    ['a requirement without a digest', 'one==1.0\n', ':1: one==1.0 has no --hash=sha256'],
    ['a digest that is too short', 'one==1.0 --hash=sha256:0a0a\n', ':1: one==1.0 has no --hash=sha256'],
    ['a digest in a comment', `one==1.0 # ${HASH}\n`, ':1: one==1.0 has no --hash=sha256'],
    ['a range', `one>=1.0 ${HASH}\n`, ':1: one>=1.0 is not pinned'],
    ['a prefix of versions', `one==1.* ${HASH}\n`, ':1: one==1.* is not pinned'],
    ['an address', `https://r.test/one.whl ${HASH}\n`, ':1: https://r.test/one.whl is not pinned'],
    ['an index', `\n--index-url https://r.test/simple\none==1.0 ${HASH}\n`, ':2: --index-url is an option'],
    ['a continued line at the end', 'one==1.0 \\', ':1: one==1.0 has no --hash=sha256'],
  ])('refuses %s in requirements.txt', async (_what, requirements, problem) => {
    const { code, problems } = await check({}, requirements);
    expect(code).toBe(1);
    expect(problems).toEqual([expect.stringContaining(`requirements.txt${problem}`)]);
  });
});
