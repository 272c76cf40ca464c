import { parseArgs } from 'node:util';
import { type ApiKey, isExpired } from '../../common/api/api-key.ts';
import { Scope } from '../../common/api/scope.ts';
import { commonOptions, type Result, runCommand, UserError } from '../lib/cli.ts';
import { createKey, formatApiKeys, MAX_VALUE_BYTES, parseApiKeys } from '../lib/deploy/api-keys.ts';
import { readKeyOptions } from '../lib/deploy/key-options.ts';
import { readDevVars, writeDevVar } from '../lib/dev-vars.ts';
import { type Environment, parseEnvironment } from '../lib/model/open-store.ts';

const HELP = `Makes an API key, and the value of the secret API_KEYS under which an environment knows it.

  npm run create-key -- --id ID --scopes SCOPES --write

Options:
  --id ID          names the key in logs and in the history: up to 40 of a-z, 0-9 and "-"
  --scopes SCOPES  what it may do, of ${Scope.options.join(', ')}; as in predict,read
  --days N         for how many days it works (default 365)
  --expires DAY    instead: the last day (UTC) on which it works, as in 2027-12-31, or "never"
  --replace        let it take the place of the key with this id, which then stops working
  --revoke ID      remove a key instead of making one
  --list           show the keys instead, and which of them have expired
  --env ENV        model, dev or prod (default dev)
  --write          write the new value into .dev.vars.ENV, which git ignores
  --json           print the result as JSON

A key is shown once and stored nowhere: API_KEYS has its sha256. The new value starts from API_KEYS in .dev.vars.ENV; nothing
changes at Cloudflare until it is set there, by the command that is printed. It replaces the whole secret: a key that is not in
the value then stops working.

To change a key without an interruption: make one with another id, move its callers to it, then --revoke the old id.`;

const options = {
  id: { type: 'string' },
  scopes: { type: 'string' },
  days: { type: 'string' },
  expires: { type: 'string' },
  replace: { type: 'boolean', default: false },
  revoke: { type: 'string' },
  list: { type: 'boolean', default: false },
  env: { type: 'string', default: 'dev' },
  write: { type: 'boolean', default: false },
} as const;

const parse = () => parseArgs({ options: { ...options, ...commonOptions } }).values;
type Values = ReturnType<typeof parse>;

/** Where the keys are kept that an environment is to know. */
type KeyFile = { environment: Environment; path: string; hasValue: boolean; keys: ApiKey[] };

await runCommand(HELP, parse, async (values) => {
  const { id, revoke, list } = values;
  if ([id !== undefined, revoke !== undefined, list].filter(Boolean).length !== 1)
    throw new UserError('Give one of --id, --revoke and --list.', 2);
  const environment = parseEnvironment(values.env);
  const path = `.dev.vars.${environment}`;
  const value = (await readDevVars(path))?.['API_KEYS'];
  const file = { environment, path, hasValue: Boolean(value), keys: value ? parseApiKeys(value, `in ${path}`) : [] };
  const now = new Date();
  if (list) return show(file, now);
  if (revoke !== undefined) return remove(file, revoke, values.write);
  return add(file, readKeyOptions(values, now), values);
});

function show({ environment, path, keys }: KeyFile, now: Date): Result {
  const lines = keys.map((key) => `${key.id}  ${key.scopes.join(', ')}  ${describeExpiry(key, now)}`);
  const data = keys.map((key) => {
    const { id, scopes, expiresAt } = key;
    return { id, scopes, expiresAt, expired: isExpired(key, now) };
  });
  return { text: lines.join('\n') || `There are no keys in ${path}.`, data: { environment, keys: data } };
}

async function add(file: KeyFile, entry: Omit<ApiKey, 'sha256'>, { replace, write }: Values): Promise<Result> {
  const others = file.keys.filter(({ id }) => id !== entry.id);
  if (others.length < file.keys.length && !replace)
    throw new UserError(`${file.path} has a key "${entry.id}" already. Choose another id, or --replace it.`);
  const { key, apiKey } = createKey(entry);
  const change = await save(file, [...others, apiKey], write);
  const { id, scopes, expiresAt } = entry;
  const about = `${id} (${scopes.join(', ')}; ${describeExpiry(apiKey, new Date())})`;
  const unwritten = write
    ? ''
    : `${file.path} will not know this key: --write was not given. Only the command below lets the Worker know it; without that the key opens nothing.\n\n`;
  return {
    text: `${unwritten}The key ${about}. It is not shown again:\n\n${key}\n\n${change.text}`,
    data: { ...change.data, id, key, scopes, expiresAt },
  };
}

async function remove(file: KeyFile, id: string, write: boolean): Promise<Result> {
  const others = file.keys.filter((key) => key.id !== id);
  if (others.length === file.keys.length) throw new UserError(`${file.path} has no key "${id}". --list shows them.`);
  const change = await save(file, others, write);
  return { text: `Without the key ${id}:\n\n${change.text}`, data: { ...change.data, id, revoked: true } };
}

/** Makes the new value, writes it where that is wanted, and says how it is set. */
async function save(file: KeyFile, keys: readonly ApiKey[], write: boolean): Promise<Result> {
  const { environment, path, hasValue } = file;
  const value = formatApiKeys(keys);
  if (write) await writeDevVar(path, 'API_KEYS', value);
  const command = `echo '${value}' | npx wrangler secret put API_KEYS --env ${environment}`;
  const expired = keys.filter((key) => isExpired(key, new Date())).map(({ id }) => id);
  const notes = [
    write
      ? `${path} has the new value (${Buffer.byteLength(value)} of ${MAX_VALUE_BYTES} bytes).`
      : `${path} does not have the new value: --write puts it there, for the next change to start from.`,
    ...(hasValue ? [] : [`${path} had no API_KEYS: if the Worker has keys, this value makes them stop working.`]),
    ...(expired.length > 0 ? [`Expired, and only taking up space: ${expired.join(', ')} (--revoke ID).`] : []),
  ];
  return {
    text: `To let the Worker of ${environment} know (the value holds no key, only digests):\n\n${command}\n\n${notes.join('\n')}`,
    data: { environment, value, command, written: write, expired },
  };
}

function describeExpiry(key: ApiKey, now: Date): string {
  if (key.expiresAt === null) return 'never expires';
  return `${isExpired(key, now) ? 'EXPIRED' : 'expires'} ${key.expiresAt.slice(0, 10)}`;
}
