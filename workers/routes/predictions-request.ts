import type { Context } from 'hono';
import { validate as isUuid } from 'uuid';
import type * as z from 'zod';
import { brokenEscape, readQuery } from '../../common/history/query.ts';
import { createIdentifierReader } from '../../common/record/read-identifier.ts';
import { orThrow, ProblemError } from '../errors.ts';
import type { AppEnv } from '../http/app-env.ts';
import type { Actor, History, HistoryFilter } from '../ports.ts';
import { useModel } from './use-model.ts';

/** The history, for the routes that read or change it. Throws `history-unavailable` where nothing is recorded. */
export function historyOf(context: Context<AppEnv>): History {
  const { records } = context.get('services');
  if (!records) throw new ProblemError('history-unavailable');
  return records.history;
}

/** The id in the address. Throws `invalid-id`. */
export function idOf(context: Context<AppEnv>): string {
  const id = context.req.param('id');
  if (!isUuid(id)) throw new ProblemError('invalid-id');
  return String(id);
}

/** The query of a request. Throws `invalid-query`, which names every wrong parameter. */
export async function queryOf<Shape extends z.ZodRawShape>(context: Context<AppEnv>, schema: z.ZodObject<Shape>) {
  const { search, searchParams } = new URL(context.req.url);
  const broken = brokenParameters(search);
  if (broken.length > 0) throw new ProblemError('invalid-query', { violations: broken.map(brokenEscape) });
  const prefixes = await prefixesFor(context, searchParams.get('identifier'));
  return orThrow(readQuery(schema, searchParams, prefixes), 'invalid-query').query;
}

/** The names of parameters whose percent escapes cannot be read. */
function brokenParameters(search: string): string[] {
  return search
    .slice(1)
    .split('&')
    .filter((parameter) => !isDecodable(parameter))
    .map((parameter) => parameter.split('=', 1)[0] ?? '');
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** The prefixes that an identifier may have, by the model that serves. The history needs no model for an identifier without one. */
async function prefixesFor(context: Context<AppEnv>, identifier: string | null): Promise<readonly string[]> {
  if (identifier === null || createIdentifierReader([])(identifier) !== undefined) return [];
  return useModel(context, null, async ({ contract }) => contract.identifier?.prefixes ?? []);
}

/** A parameter that is not given is undefined in a query, and null in a filter. */
type FilterQuery = {
  from?: Date | undefined;
  to?: Date | undefined;
  version?: string | undefined;
  label?: string | undefined;
  risk?: string | undefined;
  identifier?: number | undefined;
  outcome?: 'known' | 'unknown' | undefined;
};

/** The predictions that a query asks for. */
export function toFilter({ from, to, version, label, risk, identifier, outcome }: FilterQuery): HistoryFilter {
  return {
    from: from ?? null,
    to: to ?? null,
    modelVersion: version ?? null,
    label: label ?? null,
    risk: risk ?? null,
    identifier: identifier ?? null,
    hasOutcome: outcome === undefined ? null : outcome === 'known',
  };
}

/** Who asks, for the audit. */
export function actorOf(context: Context<AppEnv>): Actor {
  return { keyId: context.get('caller').keyId, requestId: context.get('event').requestId };
}
