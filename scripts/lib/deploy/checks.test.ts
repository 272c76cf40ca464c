import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeProject, type Project } from '../../../tests/stand-ins/cloudflare/project.ts';
import { openGit } from '../git.ts';
import { checkChangelog, checkCheckout, checkForwardOnly, checkGenerated, checkNotOlder } from './checks.ts';

const home = process.cwd();
// In the directory that the process works in by then.
const git = openGit('.');
let project: Project;
let base: string;
beforeEach(async () => {
  project = await makeProject('dev');
  base = project.git('rev-parse', '--short=12', 'HEAD');
  process.chdir(project.directory);
});
afterEach(async () => {
  process.chdir(home);
  await project.remove();
});

describe('checkCheckout', () => {
  it('refuses another branch, and what is not committed', async () => {
    expect(await checkCheckout(git, 'dev')).toBe(base);
    await expect(checkCheckout(git, 'prod')).rejects.toThrow('from the branch prod, and this is dev');
    await project.write('workers/index.ts', 'export default {};\n');
    await expect(checkCheckout(git, 'dev')).rejects.toThrow('must be committed, and this is not: workers/index.ts');
  });

  it("takes a detached HEAD, as a CI's, only if origin's branch has it", async () => {
    project.git('checkout', '--quiet', '--detach');
    await expect(checkCheckout(git, 'dev')).rejects.toThrow('a detached HEAD');
    project.git('update-ref', 'refs/remotes/origin/dev', 'HEAD');
    expect(await checkCheckout(git, 'dev')).toBe(base);
  });
});

describe('checkNotOlder', () => {
  it('refuses a commit that what is deployed was made from, and no other', async () => {
    await project.write('workers/change.ts', 'export const at = 1;\n');
    const newer = project.commit('feat: change');
    await checkNotOlder(git, 'dev', base);
    await checkNotOlder(git, 'dev', newer);
    project.git('reset', '--quiet', '--hard', base);
    await expect(checkNotOlder(git, 'dev', newer)).rejects.toThrow(
      `${base} is older than ${newer}, which is deployed. Deploy the newest commit of dev; to go back to an earlier version: npx wrangler versions deploy --env dev`,
    );
    await checkNotOlder(git, 'dev', null);
    await checkNotOlder(git, 'dev', 'not-a-commit');
    await project.write('workers/change.ts', 'export const at = 2;\n');
    project.commit('feat: another change');
    await checkNotOlder(git, 'dev', newer);
  });
});

describe('checkChangelog', () => {
  const write = async (text: string) => {
    await project.write('CHANGELOG.md', `# Changelog\n\n## [Unreleased]\n\n### Added\n\n${text}`);
    return project.commit('docs: changelog');
  };

  it('wants an entry under [Unreleased], or a release that was not deployed yet', async () => {
    await checkChangelog(git, 'dev', base, base);
    const released = await write('## [1.2.0] - 2026-11-01\n\n- New.\n');
    await expect(checkChangelog(git, 'dev', base, released)).rejects.toThrow('says nothing under [Unreleased]');
    const before = await write('');
    await expect(checkChangelog(git, 'dev', null, before)).rejects.toThrow('says nothing under [Unreleased]');
    const again = await write('## [1.2.0] - 2026-11-01\n\n- New.\n');
    await checkChangelog(git, 'dev', before, again);
    await checkChangelog(git, 'dev', again, again);
  });

  it("wants the version's own section for prod", async () => {
    await checkChangelog(git, 'prod', base, base);
    const commit = await write('- Something.\n');
    await expect(checkChangelog(git, 'prod', base, commit)).rejects.toThrow('no section [1.2.0]');
  });
});

describe('migrations', () => {
  it('are only ever added', async () => {
    await project.write('migrations/0099_more.sql', 'SELECT 1;\n');
    project.commit('feat: more');
    await checkForwardOnly(git, base);
    const [name = ''] = project.git('ls-files', 'migrations/0000*.sql').split('\n');
    await project.write(name, '-- other\n');
    project.commit('fix: history');
    await expect(checkForwardOnly(git, base)).rejects.toThrow(`${name} changed since ${base}`);
  });

  it('make the schema that the code has', async () => {
    await checkGenerated();
    const schema = project.git('show', 'HEAD:workers/store/schema.ts');
    const imports = "import { integer as whole, pgTable as table } from 'drizzle-orm/pg-core';\n";
    const more = "export const more = table('more', { id: whole() });\n";
    await project.write('workers/store/schema.ts', `${imports}${schema}\n${more}`);
    await expect(checkGenerated()).rejects.toThrow('has changes that no migration makes');
    expect(project.git('status', '--porcelain')).toBe('M workers/store/schema.ts');
  });
});
