import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { parseEnv } from 'node:util';
import { UserError } from '../cli.ts';
import type { Environment } from '../model/open-store.ts';
import { formatApiKeys, parseApiKeys } from './api-keys.ts';

/** Reads secrets from .dev.vars.ENV. On a terminal it asks for the missing ones. */
export async function readSecretValues(
  environment: Environment,
  names: readonly string[],
): Promise<Map<string, string>> {
  const path = `.dev.vars.${environment}`;
  const file = names.length > 0 ? await readFile(path, 'utf8').catch(() => null) : '';
  const given = parseEnv(file ?? '');
  const values = new Map<string, string>();
  for (const name of names) {
    const value = given[name] || (await ask(name));
    if (!value) {
      const problem = file === null ? `There is no ${path}` : `${path} has no ${name}`;
      throw new UserError(
        `${problem}, and no terminal to ask on for: ${names.join(', ')}. ${howToProvide(name, environment)}`,
      );
    }
    checkValue(name, value);
    values.set(name, value);
  }
  return values;
}

/** Asks on the terminal, without showing the typed text. Null without a terminal. */
async function ask(name: string): Promise<string | null> {
  if (!process.stdin.isTTY) return null;
  process.stderr.write(`${name} (is not shown): `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return (await terminal.question('')).trim();
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}

function howToProvide(name: string, environment: Environment): string {
  if (name === 'API_KEYS')
    return `Make the first API key: npm run create-key -- --id ID --scopes predict,read --env ${environment} --write`;
  return `Write a line ${name}=… into .dev.vars.${environment} (git ignores it).`;
}

function checkValue(name: string, value: string): void {
  if (name === 'API_KEYS') formatApiKeys(parseApiKeys(value, 'as it was given'));
  if (name !== 'DATABASE_URL') return;
  if (/^postgres(ql)?:\/\//.test(value) && URL.canParse(value)) return;
  throw new UserError('DATABASE_URL is not a connection string (postgres://…). It was not sent anywhere.');
}
