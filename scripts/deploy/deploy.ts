import { parseArgs } from 'node:util';
import { commonOptions, type Result, runCommand, step, UserError } from '../lib/cli.ts';
import { openDatabase } from '../lib/database/database-endpoint.ts';
import { applyMigrations } from '../lib/database/migrations.ts';
import { deployFirst, uploadVersion } from '../lib/deploy/cloudflare.ts';
import { type Interruption, watchInterruption } from '../lib/deploy/interruption.ts';
import { provideModel } from '../lib/deploy/model.ts';
import { preflight, type Start } from '../lib/deploy/preflight.ts';
import type { ProbeOptions } from '../lib/deploy/probe.ts';
import { hasAddress, rollOut } from '../lib/deploy/rollout.ts';
import { smokeTest } from '../lib/deploy/smoke.ts';
import { closeVersionUrls } from '../lib/deploy/version-urls.ts';
import { type Environment, parseEnvironment } from '../lib/model/open-store.ts';

const HELP = `Deploys the checked-out commit to an environment: database, model, code, traffic.

  npm run deploy -- --env ENV --url URL

Options:
  --env ENV              model, dev or prod; it is deployed from the branch of that name
  --url URL              the address of the environment's Worker, for its smoke test and its error rate
  --model-version X.Y.Z  the model to mirror from the Hub, or "latest" (default)
  --activate             let that model serve even if another one does; not in prod, where npm run promote does that
  --skip-model           leave the models as they are
  --steps 10,50,100      the percentages of the traffic that the new version gets, one after the other (prod: 10,50,100,
                         else 100)
  --step-seconds N       how long the answers are watched after each (prod: 30, else 5)
  --step-requests N      how many requests are sent meanwhile; one in five is a prediction, recorded as any other (default 50)
  --max-error-rate R     the share of them that may fail (default 0.02)
  --wait SECONDS         how long the new version may take to pass its smoke test (default 60)
  --dry-run              check everything, say what would be done, change nothing
  --json                 print the result as JSON

If anything fails once the new version is deployed, all traffic returns to the old one; Ctrl-C does that too. Migrations,
models, and cron, queue consumers and addresses are not undone: they must suit the old code as well. Repeating a deployment
is harmless.
From the environment: CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID; DATABASE_URL where the environment has a database;
FUTURISYS_API_KEY, a key with the scope predict, where it has keys; and, without --skip-model, HF_MODEL_REPO (HF_TOKEN), R2_ACCESS_KEY_ID and R2_SECRET_ACCESS_KEY.`;

const options = {
  env: { type: 'string' },
  url: { type: 'string' },
  'model-version': { type: 'string', default: 'latest' },
  activate: { type: 'boolean', default: false },
  'skip-model': { type: 'boolean', default: false },
  steps: { type: 'string' },
  'step-seconds': { type: 'string' },
  'step-requests': { type: 'string', default: '50' },
  'max-error-rate': { type: 'string', default: '0.02' },
  wait: { type: 'string', default: '60' },
  'dry-run': { type: 'boolean', default: false },
} as const;

const parse = () => parseArgs({ options: { ...options, ...commonOptions } }).values;

type Settings = {
  environment: Environment;
  url: string;
  /** Null where the models are left as they are. */
  model: { version: string; activate: boolean } | null;
  steps: number[];
  probe: ProbeOptions;
  smokeTimeoutMs: number;
};

await runCommand(HELP, parse, async (values) => {
  const settings = readSettings(values);
  const start = await preflight(settings.environment, settings.model !== null);
  if (values['dry-run']) return describePlan(settings, start);
  return deploy(settings, start, watchInterruption());
});

function readSettings(values: ReturnType<typeof parse>): Settings {
  const environment = parseEnvironment(values.env);
  const { url } = values;
  if (!url || !URL.canParse(url)) throw new UserError("--url is missing: the address of the environment's Worker.", 2);
  const isProd = environment === 'prod';
  if (isProd && values.activate)
    throw new UserError(
      '--activate is not for prod: npm run promote lets a version serve there that served in dev.',
      2,
    );
  const model = { version: values['model-version'], activate: values.activate };
  return {
    environment,
    url,
    model: values['skip-model'] ? null : model,
    steps: readSteps(values.steps ?? (isProd ? '10,50,100' : '100')),
    probe: {
      requests: readNumber('--step-requests', values['step-requests'], 1, 10_000),
      seconds: readNumber('--step-seconds', values['step-seconds'] ?? (isProd ? '30' : '5'), 0, 86_400),
      maxErrorRate: readNumber('--max-error-rate', values['max-error-rate'], 0, 1),
    },
    smokeTimeoutMs: readNumber('--wait', values.wait, 1, 3600) * 1000,
  };
}

function readSteps(value: string): number[] {
  const steps = value.split(',').map(Number);
  const isAscending = steps.every((percentage, i) => percentage > (steps[i - 1] ?? 0));
  if (!isAscending || steps.at(-1) !== 100)
    throw new UserError('--steps must be ascending percentages that end with 100, as in 10,50,100.', 2);
  return steps;
}

function readNumber(option: string, value: string, min: number, max: number): number {
  const number = Number(value);
  if (value.trim() === '' || !(number >= min && number <= max))
    throw new UserError(`${option} must be a number from ${min} to ${max}.`, 2);
  return number;
}

async function deploy(settings: Settings, start: Start, interruption: Interruption): Promise<Result> {
  /** What a failure leaves behind. */
  const staying: string[] = [];
  try {
    const migrations = await migrate(start, interruption);
    if (migrations.length > 0) staying.push(`the database has the migrations ${migrations.join(', ')}`);
    const model = await provide(settings, start, interruption);
    if (model?.stored) staying.push(`${model.name} ${model.version} is mirrored`);
    if (model?.activated) staying.push(`${model.name} ${model.version} was activated (npm run rollback undoes that)`);
    interruption.check();
    const code = start.traffic
      ? await replaceVersion(settings, start, interruption, staying)
      : await createWorker(settings, start, interruption);
    const { environment, url } = settings;
    return {
      text: `${start.worker} serves ${start.commit} (version ${code.version}) at ${url}.`,
      data: { environment, worker: start.worker, commit: start.commit, migrations, model, ...code },
    };
  } catch (error) {
    if (!(error instanceof UserError) || staying.length === 0) throw error;
    throw new UserError(`${error.message}\nThis stays as it was done: ${staying.join('; ')}.`);
  }
}

async function migrate({ databaseUrl }: Start, interruption: Interruption): Promise<string[]> {
  interruption.check();
  if (databaseUrl === null) return [];
  const database = await step('connecting to the database', () => openDatabase(databaseUrl));
  try {
    return await step(
      'migrating it',
      () => applyMigrations(database.databaseUrl),
      (applied) => applied.join(', ') || 'nothing to apply',
    );
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`${error.message}\nNothing was uploaded, and the traffic is as it was.`);
  } finally {
    await database.close();
  }
}

async function provide({ environment, model }: Settings, { commit }: Start, { check, signal }: Interruption) {
  check();
  if (!model) return null;
  return provideModel(environment, { ...model, commit, signal });
}

/** Uploads a version beside the serving one, and moves the traffic to it. Adds the leftovers of a failure to `staying`. */
async function replaceVersion(settings: Settings, start: Start, interruption: Interruption, staying: string[]) {
  const { environment, url } = settings;
  const { commit, message, worker, traffic } = start;
  if (!traffic?.stable) {
    throw new UserError(
      `None of ${worker}'s latest deployments gave all the traffic to one version, so that it is not known which to return to. Choose one: npx wrangler versions deploy VERSION@100% --env ${environment}`,
    );
  }
  const { stable, shares } = traffic;
  const needsAddress = !(await hasAddress(url));
  // Before the upload: the new version would have an address from its first second on.
  if (start.versionUrls) {
    await step(`taking the public addresses of ${worker}'s versions away`, () => closeVersionUrls(worker));
    staying.push("the Worker's versions have no public addresses any more");
  }
  const version = await step('uploading the code', () => uploadVersion(environment, commit, message), named);
  const steps = await rollOut({
    ...settings,
    worker,
    commit,
    version,
    stable,
    shares,
    needsAddress,
    interruption,
    staying,
  });
  return { version, previous: stable, steps };
}

/** The first version has nothing to stand beside, and nothing to return to. */
async function createWorker({ environment, url, smokeTimeoutMs }: Settings, start: Start, interruption: Interruption) {
  const { commit, message, worker } = start;
  try {
    const version = await step('creating the Worker', () => deployFirst(environment, commit, message), named);
    await closeVersionUrls(worker);
    await step(`smoke testing it at ${url}`, () =>
      smokeTest({ url, worker, version }, { timeoutMs: smokeTimeoutMs, interruption }),
    );
    return { version, previous: null, steps: [] };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // wrangler deploys the version, and then gives it its address: it may have failed before or between.
    throw new UserError(
      `${error.message}\nThis was to be the first version of ${worker}, so there is none to return to: what was deployed of it stays. Mend it and deploy again, or remove it: npx wrangler delete --env ${environment}`,
    );
  }
}

function named(version: string): string {
  return `version ${version}`;
}

function describePlan(settings: Settings, start: Start): Result {
  const plan = [...planData(settings, start), ...planCode(settings, start)];
  const text = plan.map((line, i) => `${i + 1}. ${line}`).join('\n');
  return { text: `To deploy ${start.commit} to ${start.worker}:\n${text}`, data: { dryRun: true, plan } };
}

function planData({ model, environment }: Settings, { databaseUrl }: Start): string[] {
  return [
    databaseUrl === null
      ? 'No database to migrate.'
      : 'Apply the migrations that the database lacks, each whole or not at all.',
    model === null
      ? 'Leave the models as they are.'
      : `Mirror the model version ${model.version} from the Hub into the bucket of ${environment}, ${mirroredThen(environment, model.activate)}.`,
  ];
}

function mirroredThen(environment: Environment, activate: boolean): string {
  if (environment === 'prod') return 'and leave the active one as it is';
  return activate ? 'and activate it' : 'and activate it if none is active';
}

function planCode({ url, steps, probe, smokeTimeoutMs }: Settings, { traffic, versionUrls, worker }: Start): string[] {
  const smoke = `Smoke test it at ${url} (up to ${smokeTimeoutMs / 1000} s).`;
  if (!traffic) return ['Create the Worker; its first version gets all the traffic at once.', smoke];
  const shares = traffic.shares.map(({ version, percentage }) => `${version} ${percentage} %`).join(', ');
  return [
    ...(versionUrls ? [`Take the public addresses of ${worker}'s versions away.`] : []),
    'Upload the code as a version without traffic.',
    `Deploy it at 0 % beside ${traffic.stable} (now: ${shares}).`,
    `${smoke} If nothing answers there yet, apply the addresses before.`,
    ...steps.map(
      (percentage) =>
        `Give it ${percentage} % of the traffic; ${probe.requests} requests in ${probe.seconds} s, of which ${probe.maxErrorRate * 100} % may fail, else return all traffic to ${traffic.stable}.`,
    ),
    'Apply cron, queue consumers and addresses.',
  ];
}
