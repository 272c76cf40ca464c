import { step, UserError } from '../cli.ts';
import type { Environment } from '../open-store.ts';
import { checkChangelog, checkCheckout, checkForwardOnly, checkGenerated } from './checks.ts';
import { listSecretNames, readTag, readTraffic, type Traffic } from './cloudflare.ts';
import { hasCommit } from './git.ts';
import { readResources } from './resources.ts';

/** What a deployment starts from. */
export type Start = {
  environment: Environment;
  /** The Worker's name at Cloudflare. */
  worker: string;
  commit: string;
  /** Null where the Worker does not exist yet. */
  traffic: Traffic | null;
  /** The commit that has the traffic, where this clone knows it. */
  base: string | null;
  /** Whether the version that has the traffic was uploaded by this command. */
  wasDeployed: boolean;
  /** Where the environment has a database. */
  databaseUrl: string | null;
};

/** Checks everything that can be checked before anything is changed; throws a UserError that says what to do. */
export async function preflight(environment: Environment, withModel: boolean): Promise<Start> {
  const { worker, secrets } = readResources(environment);
  const hasDatabase = secrets.includes('DATABASE_URL');
  const commit = await step('checking the checkout', () => checkCheckout(environment));
  requireVariables(hasDatabase, withModel);
  const [traffic, secretNames] = await step('asking Cloudflare what is deployed', () =>
    Promise.all([readTraffic(environment), secrets.length > 0 ? listSecretNames(environment) : []]),
  );
  checkSecrets(environment, worker, secrets, secretNames);
  const tag = traffic?.stable ? await readTag(environment, traffic.stable) : null;
  const base = tag && (await hasCommit(tag)) ? tag : await originOf(environment);
  await step('checking the changelog', () => checkChangelog(environment, base, commit));
  if (hasDatabase) {
    await step('checking that the migrations are generated', checkGenerated);
    await step('checking that no migration changed', () => checkForwardOnly(base), describeBase(base, tag));
  }
  const databaseUrl = hasDatabase ? (process.env['DATABASE_URL'] ?? null) : null;
  return { environment, worker, commit, traffic, base, wasDeployed: tag !== null, databaseUrl };
}

function requireVariables(hasDatabase: boolean, withModel: boolean): void {
  const wanted = [
    'CLOUDFLARE_API_TOKEN',
    'CLOUDFLARE_ACCOUNT_ID',
    ...(hasDatabase ? ['DATABASE_URL'] : []),
    ...(withModel ? ['HF_MODEL_REPO', 'R2_ACCESS_KEY_ID', 'R2_SECRET_ACCESS_KEY'] : []),
  ];
  const missing = wanted.filter((name) => !process.env[name]);
  if (missing.length === 0) return;
  const advice = withModel ? ' Without --skip-model it needs the Hub and R2.' : '';
  throw new UserError(
    `Not set in this command's environment: ${missing.join(', ')}.${advice} See README, Configuration.`,
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
async function originOf(environment: Environment): Promise<string | null> {
  return (await hasCommit(`origin/${environment}`)) ? `origin/${environment}` : null;
}

function describeBase(base: string | null, tag: string | null): () => string {
  if (base === null) return () => 'nothing to compare with, but the database refuses changed ones too:';
  return () => (base === tag ? `since ${base}, which is deployed` : `since ${base}`);
}
