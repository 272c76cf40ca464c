/**
 * The process of the local Worker, which local-worker.ts starts. Its settings come as a message: everybody on the machine can
 * read a process's arguments.
 *
 * It starts wrangler's development server by its function. The command `wrangler dev` cannot go without an inspector, which
 * listens on a second port and asks for nothing there, nor without the port at which other local Workers find this one:
 * `inspector` and `registry` in wrangler 4.156's src/api/startDevWorker/ConfigController.ts and src/dev/start-dev.ts.
 */

import { unstable_readConfig, unstable_startWorker } from 'wrangler';
import { WorkerSettings, type WorkerStarted } from './local-worker.ts';

const settings = new Promise((resolve) => process.once('message', resolve));
const { port, directory, environment, inspect, variables } = WorkerSettings.parse(await settings);
const entrypoint = 'workers/local/index.ts';
const config = unstable_readConfig({ config: 'wrangler.toml', env: environment, script: entrypoint });
const starting = unstable_startWorker({
  // The local Worker refuses foreign names before a file is served, too; see workers/local/index.ts.
  config: { ...config, assets: { ...config.assets, binding: 'ASSETS', run_worker_first: true } },
  env: environment,
  entrypoint,
  bindings: Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, { type: 'plain_text', value, hidden: true }]),
  ),
  dev: {
    remote: false,
    server: { hostname: '127.0.0.1', port, secure: false },
    inspector: inspect ? { hostname: '127.0.0.1', port: 0 } : false,
    persist: directory,
  },
});

const stop = async () => {
  await (await starting).dispose();
  process.exit();
};
process.on('SIGTERM', stop);
// Whoever started it has ended.
process.on('disconnect', stop);

const inspectorUrl = await (await starting).inspectorUrl;
process.send?.({ inspectorUrl: inspectorUrl?.href ?? null } satisfies WorkerStarted);
