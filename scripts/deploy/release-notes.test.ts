import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runScript } from '../../tests/kit/run-script.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'notes-'));
  await writeFile(join(directory, 'package.json'), JSON.stringify({ version: '1.1.0' }));
  await writeFile(
    join(directory, 'CHANGELOG.md'),
    '# Changelog\n\n## [Unreleased]\n\n## [1.1.0] - 2026-02-01\n\n- This.\n\n## [1.0.0] - 2026-01-01\n\n- That.\n',
  );
});
afterEach(() => rm(directory, { recursive: true }));

/** A stand-in of GitHub's command line: notes its arguments and its input, and knows the releases it made. */
async function installGh(): Promise<void> {
  const path = join(directory, 'gh');
  await writeFile(
    path,
    `#!/bin/sh
cd '${directory}'
echo "$*" >> calls
case "$2" in
  view) test -e "release-$3" ;;
  create) test -z "$REFUSE" || { echo "tag $3 doesn't exist" >&2; exit 1; }; cat > "release-$3" ;;
esac
`,
  );
  await chmod(path, 0o755);
}

const run = (options: string[], env: Record<string, string> = {}) =>
  runScript('release-notes', ['--directory', directory, ...options], {
    PATH: `${directory}${delimiter}${process.env['PATH']}`,
    ...env,
  });

describe('release-notes', () => {
  it("prints a version's section", async () => {
    expect(await run([])).toMatchObject({ code: 0, stdout: '- This.\n' });
    expect(await run(['1.0.0'])).toMatchObject({ code: 0, stdout: '- That.\n' });
    expect(await run(['v1.0.0'])).toMatchObject({ code: 0, stdout: '- That.\n' });
  });

  it('refuses a version of which nothing is said', async () => {
    expect(await run(['2.0.0'])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('nothing of 2.0.0'),
    });
    expect(await run(['1.0.0', '1.1.0'])).toMatchObject({ code: 2 });
  });

  it('makes the release once', async () => {
    await installGh();
    const first = await run(['--publish', '--json']);
    expect([first.code, JSON.parse(first.stdout)]).toEqual([
      0,
      { version: '1.1.0', notes: '- This.', published: true },
    ]);
    expect(await readFile(join(directory, 'release-v1.1.0'), 'utf8')).toBe('- This.\n');
    expect(await run(['--publish'])).toMatchObject({ code: 0, stdout: 'GitHub has the release v1.1.0 already.\n' });
    expect((await readFile(join(directory, 'calls'), 'utf8')).split('\n')).toEqual([
      'release view v1.1.0',
      'release create v1.1.0 --verify-tag --title v1.1.0 --notes-file -',
      'release view v1.1.0',
      '',
    ]);
  });

  it('attaches the files of a folder, and makes no release without them', async () => {
    await installGh();
    const files = join(directory, 'files');
    const empty = await run(['--publish', '--attach', files]);
    expect([empty.code, empty.stderr]).toEqual([
      1,
      expect.stringContaining('has no files. Make them: npm run build:release'),
    ]);
    await mkdir(files);
    for (const name of ['sbom.cdx.json', 'model.onnx']) await writeFile(join(files, name), '');
    expect(await run(['--publish', '--attach', files])).toMatchObject({ code: 0 });
    expect(await readFile(join(directory, 'calls'), 'utf8')).toContain(
      `release create v1.1.0 ${files}/model.onnx ${files}/sbom.cdx.json --verify-tag`,
    );
  });

  it('says what gh refused, and that gh is missing', async () => {
    await installGh();
    // More than a pipe holds, which a gh that refuses the tag does not read.
    await writeFile(join(directory, 'CHANGELOG.md'), `## [1.1.0] - 2026-02-01\n\n${'- This.\n'.repeat(20_000)}`);
    const refused = await run(['--publish'], { REFUSE: 'yes' });
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("tag v1.1.0 doesn't exist")]);
    const missing = await run(['--publish'], { PATH: '' });
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('gh cannot be run')]);
  });
});
