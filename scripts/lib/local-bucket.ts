import type { R2Bucket } from '@cloudflare/workers-types';
import { getPlatformProxy } from 'wrangler';

/** Runs `work` with the local R2 bucket of an environment, the one that `wrangler dev --persist-to directory` serves. */
export async function useLocalBucket<T>(
  { directory, environment }: { directory: string; environment: string },
  work: (bucket: R2Bucket) => Promise<T>,
): Promise<T> {
  const proxy = await quietly(() =>
    getPlatformProxy<{ MODELS: R2Bucket }>({
      environment,
      // wrangler's command line appends the version of its state's layout itself; this function does not.
      persist: { path: `${directory}/v3` },
      remoteBindings: false,
    }),
  );
  try {
    return await work(proxy.env.MODELS);
  } finally {
    await proxy.dispose();
  }
}

/** Wrangler warns of missing secrets, which storing objects does not need; it has no option for that, only a variable. */
async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const level = process.env['WRANGLER_LOG'];
  process.env['WRANGLER_LOG'] = 'error';
  try {
    return await work();
  } finally {
    if (level === undefined) delete process.env['WRANGLER_LOG'];
    else process.env['WRANGLER_LOG'] = level;
  }
}
