import type { Context } from 'hono';
import { validate as isUuid } from 'uuid';
import type * as z from 'zod';
import { readQuery } from '../../common/history/query.ts';
import { ProblemError } from '../errors.ts';
import type { AppEnv } from '../middleware/services.ts';
import type { Actor, History, HistoryFilter } from '../ports.ts';

/** What the addresses of the history read from a request. */

export function historyOf(context: Context<AppEnv>): History {
  const { records } = context.get('services');
  if (!records) throw new ProblemError('history-unavailable');
  return records.history;
}

export function idOf(context: Context<AppEnv>): string {
  const id = context.req.param('id');
  if (!isUuid(id)) throw new ProblemError('invalid-id');
  return String(id);
}

/** Throws `invalid-query`, which names every parameter that is wrong. */
export function queryOf<Shape extends z.ZodRawShape>(context: Context<AppEnv>, schema: z.ZodObject<Shape>) {
  const reading = readQuery(schema, new URL(context.req.url).searchParams);
  if (!reading.ok) throw new ProblemError('invalid-query', { violations: reading.violations });
  return reading.query;
}

/** Parameters that were not given are undefined in a query, and null in a filter. */
type FilterQuery = {
  from?: Date | undefined;
  to?: Date | undefined;
  version?: string | undefined;
  label?: string | undefined;
  risk?: string | undefined;
  identifier?: number | undefined;
};

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

export function actorOf(context: Context<AppEnv>): Actor {
  return { keyId: context.get('caller').keyId, requestId: context.get('event').requestId };
}
