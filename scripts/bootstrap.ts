import { parseArgs } from 'node:util';
import { commonOptions, runCommand, step } from './lib/cli.ts';
import { listSecretNames } from './lib/deploy/cloudflare.ts';
import {
  createBucket,
  createQueue,
  listBuckets,
  queueExists,
  type Resources,
  readResources,
  setSecrets,
} from './lib/deploy/resources.ts';
import { readSecretValues } from './lib/deploy/secret-values.ts';
import { type Environment, parseEnvironment } from './lib/open-store.ts';

const HELP = `Prepares a Cloudflare account for an environment: what must exist before the first deployment. Run it once; again is harmless.

  npm run bootstrap -- --env ENV

Options:
  --env ENV          model, dev or prod
  --replace-secrets  set the secrets even where the Worker has them
  --dry-run          say what is missing, create nothing
  --json             print the result as JSON

It creates the R2 buckets and the queues that wrangler.toml names, and sets the secrets that it requires, from .dev.vars.ENV
or as you type them; npm run create-key makes the API_KEYS. A value never stands on a command line, and is never printed. It ends with what remains by hand.
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
    const remaining = whatRemains(environment, resources);
    if (values['dry-run']) {
      return { text: `${describe('Would create or set', missing)}\n\n${remaining}`, data: { dryRun: true, missing } };
    }
    // Asked for before anything is created, so that a refusal leaves nothing half done.
    const secrets = await readSecretValues(environment, missing.secrets);
    for (const bucket of missing.buckets) await step(`creating the bucket ${bucket}`, () => createBucket(bucket), same);
    for (const queue of missing.queues) await step(`creating the queue ${queue}`, () => createQueue(queue), same);
    if (secrets.size > 0)
      await step(`setting ${missing.secrets.join(', ')} of ${resources.worker}`, () =>
        setSecrets(environment, secrets),
      );
    return { text: `${describe('Created or set', missing)}\n\n${remaining}`, data: { dryRun: false, done: missing } };
  },
);

type Missing = Omit<Resources, 'worker'>;

async function findMissing(environment: Environment, wanted: Resources, replaceSecrets: boolean): Promise<Missing> {
  const isAsked = wanted.secrets.length > 0 && !replaceSecrets;
  const [buckets, present, secrets] = await Promise.all([
    listBuckets(),
    Promise.all(wanted.queues.map(queueExists)),
    isAsked ? listSecretNames(environment) : null,
  ]);
  return {
    buckets: wanted.buckets.filter((name) => !buckets.includes(name)),
    queues: wanted.queues.filter((_name, i) => !present[i]),
    secrets: wanted.secrets.filter((name) => !secrets?.includes(name)),
  };
}

function describe(done: string, { buckets, queues, secrets }: Missing): string {
  const lines = [
    ...buckets.map((name) => `  bucket ${name}`),
    ...queues.map((name) => `  queue ${name}`),
    ...secrets.map((name) => `  secret ${name}`),
  ];
  return lines.length > 0 ? `${done}:\n${lines.join('\n')}` : 'Everything was already there.';
}

function same(text: string): string {
  return text;
}

function whatRemains(environment: Environment, { worker, secrets }: Resources): string {
  const hasDatabase = secrets.includes('DATABASE_URL');
  const steps = [
    ...(hasDatabase
      ? [`Neon: a project, and in it the branch for ${environment}; its connection string is the DATABASE_URL.`]
      : []),
    ...(secrets.includes('API_KEYS')
      ? ['Of the API keys, one with the scope predict for the deployments: it is their FUTURISYS_API_KEY.']
      : []),
    'Hugging Face: a repository for the model, and a token that may write to it (HF_MODEL_REPO, HF_TOKEN).',
    'Cloudflare: an R2 API token that may read and write objects (R2_ACCESS_KEY_ID, R2_SECRET_ACCESS_KEY), and an API token that may edit Workers, Queues and R2 (CLOUDFLARE_API_TOKEN).',
    `GitHub: an environment "${environment}" with all of these${hasDatabase ? ', DATABASE_URL' : ''}${secrets.includes('API_KEYS') ? ' and FUTURISYS_API_KEY' : ''} as its secrets.`,
    `Then, on the branch ${environment}: npm run deploy -- --env ${environment} --url https://${worker}.SUBDOMAIN.workers.dev`,
  ];
  return `By hand remain:\n${steps.map((line, i) => `${i + 1}. ${line}`).join('\n')}`;
}
