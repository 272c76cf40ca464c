import { parseArgs } from 'node:util';
import { isActive } from '../../common/contract/active-pointer.ts';
import { Contract } from '../../common/contract/contract.ts';
import { modelKey } from '../../common/contract/model-version.ts';
import { commonOptions, runCommand } from '../lib/cli.ts';
import { readPointer } from '../lib/model/active-version.ts';
import type { ObjectStore } from '../lib/model/object-store.ts';
import {
  ENVIRONMENTS,
  type Environment,
  parseEnvironment,
  REMOTE_HELP,
  STORE_HELP,
  storeOptions,
  withStore,
} from '../lib/model/open-store.ts';
import { listVersions, readManifest } from '../lib/model/stored-versions.ts';

const HELP = `Lists the stored model versions, their metrics, and which one serves where and since when.

  npm run models [-- --env ENV]

Options:
  --env ENV        one environment only (default: all of them)
${STORE_HELP}
  --json           print the list as JSON

${REMOTE_HELP}`;

type Row = {
  environment: Environment;
  name: string;
  version: string;
  active: boolean;
  since: string | null;
  by: string | null;
  rocAuc: number | null;
  f1: number | null;
  source: string | null;
};

await runCommand(
  HELP,
  () => parseArgs({ options: { env: { type: 'string' }, ...storeOptions, ...commonOptions } }).values,
  async (values) => {
    const environments = values.env === undefined ? ENVIRONMENTS : [parseEnvironment(values.env)];
    const rows: Row[] = [];
    for (const environment of environments) {
      rows.push(...(await withStore(environment, values, (store) => describeVersions(store, environment))));
    }
    return { text: rows.length > 0 ? toTable(rows) : 'No model version is stored.', data: { versions: rows } };
  },
);

async function describeVersions(store: ObjectStore, environment: Environment): Promise<Row[]> {
  const current = await readPointer(store);
  const rows: Row[] = [];
  for (const { name, version } of await listVersions(store)) {
    const serving = isActive(current?.pointer, { name, version }) ? current?.pointer : null;
    const metrics = await readMetrics(store, name, version);
    const manifest = await readManifest(store, name, version);
    rows.push({
      environment,
      name,
      version,
      active: serving != null,
      since: serving?.activatedAt ?? null,
      by: serving?.activatedBy ?? null,
      rocAuc: metrics?.rocAuc.mean ?? null,
      f1: metrics?.f1.mean ?? null,
      source: manifest?.source ?? null,
    });
  }
  return rows;
}

async function readMetrics(store: ObjectStore, name: string, version: string) {
  const object = await store.get(modelKey(name, version, 'contract.json'));
  return object && Contract.parse(JSON.parse(Buffer.from(object.bytes).toString('utf8'))).metrics;
}

function toTable(rows: Row[]): string {
  const cells = rows.map(({ environment, name, version, active, since, by, rocAuc, f1, source }) => [
    environment,
    name,
    version,
    rocAuc?.toFixed(3) ?? '',
    f1?.toFixed(3) ?? '',
    active ? `active since ${since} (${by})` : '',
    source ?? '',
  ]);
  const table = [['ENV', 'MODEL', 'VERSION', 'ROC AUC', 'F1', 'STATE', 'SOURCE'], ...cells];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
