import { parseArgs } from 'node:util';
import {
  isActive,
  sameVersion,
  servedVersions,
  servingSince,
  withdrawalOf,
} from '../../common/contract/active-pointer.ts';
import { Contract } from '../../common/contract/contract.ts';
import { modelKey } from '../../common/contract/model-version.ts';
import { commonOptions, runCommand } from '../lib/cli.ts';
import { readHistory, readPointer } from '../lib/model/active-version.ts';
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

const HELP = `Lists the stored model versions, their metrics, and which one serves where and since when, which others may
be asked for by number, and which were withdrawn.

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
  /** Whether callers may ask for it by number: the active one, and those that were allowed beside it. */
  served: boolean;
  withdrawn: string | null;
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
  const pointer = (await readPointer(store))?.pointer ?? null;
  const since = servingSince(await readHistory(store));
  const rows: Row[] = [];
  for (const { name, version } of await listVersions(store)) {
    const serving = isActive(pointer, { name, version }) ? since : null;
    const withdrawal = withdrawalOf(pointer, { name, version });
    const metrics = await readMetrics(store, name, version);
    const manifest = await readManifest(store, name, version);
    rows.push({
      environment,
      name,
      version,
      active: isActive(pointer, { name, version }),
      since: serving?.activatedAt ?? null,
      by: serving?.activatedBy ?? null,
      served: pointer !== null && servedVersions(pointer).some((it) => sameVersion(it, { name, version })),
      withdrawn: withdrawal && `on ${withdrawal.withdrawnAt} by ${withdrawal.withdrawnBy}: ${withdrawal.reason}`,
      rocAuc: metrics && 'rocAuc' in metrics ? metrics.rocAuc.mean : null,
      f1: metrics && 'f1' in metrics ? metrics.f1.mean : null,
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
  const cells = rows.map((row) => [
    row.environment,
    row.name,
    row.version,
    row.rocAuc?.toFixed(3) ?? '',
    row.f1?.toFixed(3) ?? '',
    stateOf(row),
    row.source ?? '',
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

function stateOf({ active, since, by, served, withdrawn }: Row): string {
  if (active) return `active since ${since} (${by})`;
  if (withdrawn !== null) return `withdrawn ${withdrawn}`;
  return served ? 'may be asked for' : '';
}
