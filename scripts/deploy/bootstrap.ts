import { parseArgs } from 'node:util';
import { commonOptions, runCommand, step } from '../lib/cli.ts';
import { findSubdomainLack, lackIn, refuseLacks } from '../lib/deploy/account-lacks.ts';
import { listSecretNames } from '../lib/deploy/cloudflare.ts';
import { githubEnvironment, isPublisher } from '../lib/deploy/github-environment.ts';
import {
  createBucket,
  createQueue,
  listBuckets,
  queueExists,
  type Resources,
  readResources,
  setSecrets,
} from '../lib/deploy/resources.ts';
import { readSecretValues } from '../lib/deploy/secret-values.ts';
import { warnOfTokenReach } from '../lib/deploy/token-reach.ts';
import { type Environment, parseEnvironment } from '../lib/model/open-store.ts';
import { plural } from '../lib/text.ts';

const HELP = `Prepares a Cloudflare account for the first deployment of an environment. A second run changes nothing.

  npm run bootstrap -- --env ENV

Options:
  --env ENV          model, dev or prod
  --replace-secrets  set all the secrets, even where the Worker has them
  --dry-run          say what is missing, create nothing
  --json             print the result as JSON

It first looks at what only the dashboard can give an account: a workers.dev subdomain, R2, Queues. Then it creates the R2 buckets and the queues that wrangler.toml names, and sets the secrets that it requires, from .dev.vars.ENV
or as you type them; npm run create-key makes the API_KEYS. It never prints a value, nor puts one on a command line. At the end it
lists the steps that remain by hand.
From the environment: CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID (or log in: npx wrangler login).`;

const options = {
  env: { type: 'string' },
  'replace-secrets': { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
} as const;

await runCommand(
  HELP,
  () => parseArgs({ options: { ...options, ...commonOptions } }).values,
  async (values) => {
    const environment = parseEnvironment(values.env);
    const resources = readResources(environment);
    const missing = await step('asking Cloudflare what is there', () =>
      findMissing(environment, resources, values['replace-secrets']),
    );
    // Somebody who is logged in to wrangler has no token.
    if (process.env['CLOUDFLARE_API_TOKEN']) await warnOfTokenReach(environment);
    const kept = resources.secrets.filter((name) => !missing.secrets.includes(name));
    const remaining = whatRemains(environment, resources);
    if (values['dry-run']) {
      const text = `${describeResources('Would create or set', missing, kept)}\n\n${remaining}`;
      return { text, data: { dryRun: true, missing, kept } };
    }
    // Asked for before anything is created, so that a refusal leaves nothing half done.
    const secrets = await readSecretValues(environment, missing.secrets);
    for (const bucket of missing.buckets) await step(`creating the bucket ${bucket}`, () => createBucket(bucket), same);
    for (const queue of missing.queues) await step(`creating the queue ${queue}`, () => createQueue(queue), same);
    if (secrets.size > 0)
      await step(`setting ${missing.secrets.join(', ')} of ${resources.worker}`, () =>
        setSecrets(environment, secrets),
      );
    const text = `${describeResources('Created or set', missing, kept)}\n\n${remaining}`;
    return { text, data: { dryRun: false, done: missing, kept } };
  },
);

type Missing = Pick<Resources, 'buckets' | 'queues' | 'secrets'>;

async function findMissing(environment: Environment, wanted: Resources, replaceSecrets: boolean): Promise<Missing> {
  const isAsked = wanted.secrets.length > 0 && !replaceSecrets;
  const lacks = new Set<string>();
  async function orLack<T>(asked: Promise<T>, without: T): Promise<T> {
    return asked.catch((error: unknown) => {
      const lack = lackIn(error);
      if (lack === null) throw error;
      lacks.add(lack);
      return without;
    });
  }
  const [buckets, present, secrets, subdomainLack] = await Promise.all([
    orLack<string[]>(listBuckets(), []),
    Promise.all(wanted.queues.map((name) => orLack(queueExists(name), false))),
    isAsked ? listSecretNames(environment) : null,
    // Somebody who is logged in to wrangler has no token to ask with.
    process.env['CLOUDFLARE_API_TOKEN'] ? findSubdomainLack(environment) : null,
  ]);
  refuseLacks([...(subdomainLack ? [subdomainLack] : []), ...lacks]);
  return {
    buckets: wanted.buckets.filter((name) => !buckets.includes(name)),
    queues: wanted.queues.filter((_name, i) => !present[i]),
    secrets: wanted.secrets.filter((name) => !secrets?.includes(name)),
  };
}

function describeResources(done: string, { buckets, queues, secrets }: Missing, kept: readonly string[]): string {
  const lines = [
    ...buckets.map((name) => `  bucket ${name}`),
    ...queues.map((name) => `  queue ${name}`),
    ...secrets.map((name) => `  secret ${name}`),
  ];
  const said = lines.length > 0 ? `${done}:\n${lines.join('\n')}` : 'Everything was already there.';
  if (kept.length === 0) return said;
  const were = kept.length === 1 ? 'was left as it is' : 'were left as they are';
  return `${said}\n${plural(kept.length, 'secret')} ${were} (--replace-secrets sets ${kept.length === 1 ? 'it' : 'them'}).`;
}

function same(text: string): string {
  return text;
}

function whatRemains(environment: Environment, resources: Resources): string {
  const { worker, secrets } = resources;
  const github = githubEnvironment(environment, secrets);
  const steps = [
    'Cloudflare: the plan Workers Paid (https://dash.cloudflare.com/?to=/:account/workers/plans). Workers Free allows a request 10 ms of processor time, which a batch exceeds. This command cannot see the plan.',
    ...(secrets.includes('DATABASE_URL')
      ? [`Neon: a project, and in it the branch for ${environment}; its connection string is the DATABASE_URL.`]
      : []),
    ...(secrets.includes('API_KEYS')
      ? ['Of the API keys, one with the scope predict for the deployments: it is their FUTURISYS_API_KEY.']
      : []),
    isPublisher(environment)
      ? 'Hugging Face: a repository for the model (HF_MODEL_REPO), a Space for the page (HF_SPACE_REPO), and a token that may write to both (HF_TOKEN).'
      : "Hugging Face: the model's repository (HF_MODEL_REPO) and, only where it is private, a token that reads it (HF_TOKEN).",
    ...(isPublisher(environment)
      ? [
          'Where versions are to be signed: a pair of keys (npm run make-signing-key), its private half as MODEL_SIGNING_KEY.',
        ]
      : []),
    ...analyticsStep(resources),
    `Cloudflare: the account's id (CLOUDFLARE_ACCOUNT_ID), an R2 API token that may read and write the objects of the bucket of models alone (R2_ACCESS_KEY_ID, R2_SECRET_ACCESS_KEY), and an account API token for deployments (CLOUDFLARE_API_TOKEN): ${tokenRoles(resources)}. See docs/operations.md#tokens.`,
    `GitHub: an environment "${environment}" with the secrets ${github.secrets.join(', ')}, and the variables ${github.variables.join(', ')} (WORKER_URL is the address below).`,
    `Then, on the branch ${environment}: npm run deploy -- --env ${environment} --url https://${worker}.SUBDOMAIN.workers.dev`,
  ];
  return `By hand remain:\n${steps.map((line, i) => `${i + 1}. ${line}`).join('\n')}`;
}

/** The least that a deployment needs. A role on one Worker can be given once that Worker is there. */
function tokenRoles({ worker, queues }: Resources): string {
  return `Editor of the Worker ${worker} alone${queues.length > 0 ? ', and Queues Edit' : ''}`;
}

/** Cloudflare refuses a Worker that binds a dataset to an account without Analytics Engine. */
function analyticsStep({ datasets }: Resources): string[] {
  if (datasets.length === 0) return [];
  return [
    `Cloudflare: Analytics Engine, enabled once for the account (https://dash.cloudflare.com/?to=/:account/workers/analytics-engine), for ${datasets.join(', ')}. Without it, the upload fails with code 10089.`,
  ];
}
