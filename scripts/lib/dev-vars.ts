import { randomUUID } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { UserError } from './cli.ts';
import { readTextIfPresent } from './text.ts';

/** Reads a file of variables in the form of wrangler's .dev.vars; null where the file is missing. */
export async function readDevVars(path: string): Promise<NodeJS.Dict<string> | null> {
  const text = await readTextIfPresent(path);
  return text === null ? null : parseEnv(text);
}

/**
 * A variable of .dev.vars, as npm start reads it. It never reads .dev.vars.dev, whose variables belong to the deployed
 * environment: a local command must neither migrate that database nor fill it with made-up rows.
 */
export async function readDevVar(name: string): Promise<string | undefined> {
  return (await readDevVars('.dev.vars'))?.[name];
}

/**
 * Sets a variable in a file of variables, and leaves its other lines as they are. Only the owner can read a new file. The
 * value must not have an apostrophe.
 */
export async function writeDevVar(path: string, name: string, value: string): Promise<void> {
  const before = (await readTextIfPresent(path)) ?? '';
  const line = `${name}='${value}'`;
  // A quoted value may have several lines.
  const present = new RegExp(`^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=[ \\t]*(?:'[^']*'|"[^"]*"|\`[^\`]*\`|.*)`, 'm');
  const after = present.test(before)
    ? before.replace(present, () => line)
    : `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${line}\n`;
  const expected = JSON.stringify(sorted({ ...parseEnv(before), [name]: value }));
  if (JSON.stringify(sorted(parseEnv(after))) !== expected)
    throw new UserError(`${path} has ${name} in a form that cannot be replaced safely: write it there by hand.`);
  // Whole, or not at all: it holds secrets that nobody else has.
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, after, { mode: 0o600 });
  await rename(temporary, path);
}

function sorted(variables: NodeJS.Dict<string>): [string, string | undefined][] {
  return Object.entries(variables).sort(([a], [b]) => (a < b ? -1 : 1));
}
