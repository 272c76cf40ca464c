import type { Context } from 'hono';
import { validate as isUuid } from 'uuid';
import type * as z from 'zod';
import { readQuery } from '../../common/history/query.ts';
import { orThrow, ProblemError } from '../errors.ts';
import type { AppEnv } from '../http/app-env.ts';
import type { Actor, History, HistoryFilter } from '../ports.ts';

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
export function queryOf<Shape extends z.ZodRawShape>(context: Context<AppEnv>, schema: z.ZodObject<Shape>) {
  return orThrow(readQuery(schema, new URL(context.req.url).searchParams), 'invalid-query').query;
}

/** A parameter that is not given is undefined in a query, and null in a filter. */
type FilterQuery = {
  from?: Date | undefined;
  to?: Date | undefined;
  version?: string | undefined;
  label?: string | undefined;
  risk?: string | undefined;
  identifier?: number | undefined;
};

/** The predictions that a query asks for. */
export function toFilter({ from, to, version, label, risk, identifier }: FilterQuery): HistoryFilter {
  return {
    from: from ?? null,
    to: to ?? null,
    modelVersion: version ?? null,
    label: label ?? null,
    risk: risk ?? null,
    identifier: identifier ?? null,
  };
}

/** Who asks, for the audit. */
export function actorOf(context: Context<AppEnv>): Actor {
  return { keyId: context.get('caller').keyId, requestId: context.get('event').requestId };
}
