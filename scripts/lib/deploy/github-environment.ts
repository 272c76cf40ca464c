import type { Environment } from '../model/open-store.ts';

/** The names of the secrets and variables that a workflow takes from the GitHub environment of the same name. */
export type GithubEnvironment = { secrets: string[]; variables: string[] };

/** `required` are the secrets of the environment's Worker. */
export function githubEnvironment(environment: Environment, required: readonly string[]): GithubEnvironment {
  return {
    secrets: [
      'CLOUDFLARE_API_TOKEN',
      'CLOUDFLARE_ACCOUNT_ID',
      'R2_ACCESS_KEY_ID',
      'R2_SECRET_ACCESS_KEY',
      'HF_TOKEN',
      ...(isPublisher(environment) ? ['MODEL_SIGNING_KEY'] : []),
      ...(required.includes('DATABASE_URL') ? ['DATABASE_URL'] : []),
      ...(required.includes('API_KEYS') ? ['FUTURISYS_API_KEY'] : []),
    ],
    variables: ['WORKER_URL', 'HF_MODEL_REPO', ...(isPublisher(environment) ? ['HF_SPACE_REPO'] : [])],
  };
}

/** Whether the environment's workflow publishes to the Hub; the others only read there. */
export function isPublisher(environment: Environment): boolean {
  return environment === 'model';
}
