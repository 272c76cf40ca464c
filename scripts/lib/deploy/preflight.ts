import { step, UserError } from '../cli.ts';
import { findCommit, type Git, openGit } from '../git.ts';
import { readPointer } from '../model/active-version.ts';
import { type Environment, withStore } from '../model/open-store.ts';
import { keyHeaders } from '../model/smoke-test.ts';
import { findSubdomainLack, refuseLacks } from './account-lacks.ts';
import { checkChangelog, checkCheckout, checkForwardOnly, checkGenerated, checkNotOlder } from './checks.ts';
import { readSecretNames, readTag, readTraffic, type Traffic } from './cloudflare.ts';
import { readResources } from './resources.ts';
import { warnOfTokenReach } from './token-reach.ts';
import { hasVersionUrls } from './version-urls.ts';

/** What a deployment starts from. */
export type Start = {
  environment: Environment;
  /** The Worker's name at Cloudflare. */
  worker: string;
  commit: string;
  /** A line about the commit, which Cloudflare keeps with the version. */
  message: string;
  /** Null where the Worker does not exist yet. */
  traffic: Traffic | null;
  /** Whether each of the Worker's versions has a public address. */
  versionUrls: boolean;
  /** The commit that has the traffic, where this clone knows it. */
  base: string | null;
  /** Where the environment has a database. */
  databaseUrl: string | null;
};

/** Checks everything that can be checked before anything is changed; throws a UserError that says what to do. */
export async function preflight(environment: Environment, withModel: boolean): Promise<Start> {
  const git = openGit('.');
  const { worker, secrets } = readResources(environment);
  const hasDatabase = secrets.includes('DATABASE_URL');
  const commit = await step('checking the checkout', () => checkCheckout(git, environment));
  requireVariables({ hasDatabase, hasKeys: secrets.includes('API_KEYS'), withModel });
  // A key that cannot be one would be noticed only after the upload.
  keyHeaders();
  const [traffic, secretNames, subdomainLack] = await step('asking Cloudflare what is deployed', () =>
    Promise.all([
      readTraffic(worker),
      secrets.length > 0 ? readSecretNames(worker) : [],
      findSubdomainLack(environment),
    ]),
  );
  refuseLacks(subdomainLack ? [subdomainLack] : []);
  const versionUrls = traffic !== null && (await hasVersionUrls(worker));
  await warnOfTokenReach(environment);
  if (environment === 'prod' && withModel) await step('asking which model is active', checkApprovedModel);
  checkSecrets(environment, worker, secrets, secretNames);
  const tag = traffic?.stable ? await readTag(worker, traffic.stable) : null;
  await step('checking that nothing newer is deployed', () => checkNotOlder(git, environment, tag));
  const base = tag && (await findCommit(git, tag)) ? tag : await originOf(git, environment);
  await step('checking the changelog', () => checkChangelog(git, environment, base, commit));
  if (hasDatabase) {
    await step('checking that the migrations are generated', checkGenerated);
    await step('checking that no migration changed', () => checkForwardOnly(git, base), describeBase(base, tag));
  }
  const databaseUrl = hasDatabase ? (process.env['DATABASE_URL'] ?? null) : null;
  const message = (await git('log', '-1', '--format=%s')).slice(0, 100);
  return { environment, worker, commit, message, traffic, versionUrls, base, databaseUrl };
}

function requireVariables({
  hasDatabase,
  hasKeys,
  withModel,
}: Record<'hasDatabase' | 'hasKeys' | 'withModel', boolean>): void {
  const wanted = [
    'CLOUDFLARE_API_TOKEN',
    'CLOUDFLARE_ACCOUNT_ID',
    ...(hasDatabase ? ['DATABASE_URL'] : []),
    ...(hasKeys ? ['FUTURISYS_API_KEY'] : []),
    ...(withModel ? ['HF_MODEL_REPO', 'R2_ACCESS_KEY_ID', 'R2_SECRET_ACCESS_KEY'] : []),
  ];
  const missing = wanted.filter((name) => !process.env[name]);
  if (missing.length === 0) return;
  const advice = withModel ? ' Without --skip-model it needs the Hub and R2.' : '';
  throw new UserError(
    `Not set in this command's environment: ${missing.join(', ')}.${advice} See docs/configuration.md.`,
  );
}

/** What serves in prod was approved in dev: a deployment never activates a model there. */
async function checkApprovedModel(): Promise<void> {
  const pointer = (await withStore('prod', { remote: true, data: '.local' }, readPointer))?.pointer;
  if (pointer && pointer.action !== 'withdraw') return;
  throw new UserError(
    'No model is active in prod, and a deployment activates none there: it would not have served in dev. First: npm run promote -- --from dev --to prod --before-deploy --remote --reason TEXT',
  );
}

function checkSecrets(
  environment: Environment,
  worker: string,
  wanted: readonly string[],
  present: readonly string[] | null,
): void {
  const missing = wanted.filter((name) => !present?.includes(name));
  if (missing.length === 0) return;
  const reason = present ? `The Worker ${worker} has no secret` : `There is no Worker ${worker} yet to hold the secret`;
  throw new UserError(`${reason} ${missing.join(', ')}. Set it: npm run bootstrap -- --env ${environment}`);
}

/** The same branch as origin had it: what was deployed, as far as this clone can tell. */
async function originOf(git: Git, environment: Environment): Promise<string | null> {
  return (await findCommit(git, `origin/${environment}`)) ? `origin/${environment}` : null;
}

function describeBase(base: string | null, tag: string | null): () => string {
  if (base === null) return () => 'nothing to compare with, but the database refuses changed ones too:';
  return () => (base === tag ? `since ${base}, which is deployed` : `since ${base}`);
}
