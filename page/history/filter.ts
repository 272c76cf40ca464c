import type { HistoryQuery } from '../../client/client.ts';
import { PageQuery, readQuery } from '../../common/history/query.ts';
import type { Violation } from '../../common/record/violation.ts';

/** The entries of the filter form, empty where a filter is not set. `to` is the last day that is shown. */
export type FilterTexts = {
  from: string;
  to: string;
  version: string;
  label: string;
  risk: string;
  identifier: string;
};

export const NO_FILTER: FilterTexts = { from: '', to: '', version: '', label: '', risk: '', identifier: '' };

export type FilterReading = { ok: true; query: HistoryQuery } | { ok: false; violations: Violation[] };

/**
 * The query for the API, or the violations that the API would name, in both languages. An identifier may have one of these prefixes,
 * as in a file.
 */
export function readFilter(filter: FilterTexts, prefixes: readonly string[] = []): FilterReading {
  // The API's `to` is exclusive. A reader who asks for the days up to one means that day, too.
  const sent = { ...filter, to: dayAfter(filter.to) };
  const given = Object.entries(sent).flatMap(([name, value]): [string, string][] => {
    return value.trim() === '' ? [] : [[name, value.trim()]];
  });
  const reading = readQuery(PageQuery, given, prefixes);
  if (!reading.ok) return reading;
  const { identifier } = reading.query;
  const { identifier: _, ...texts } = Object.fromEntries(given);
  return { ok: true, query: { ...texts, ...(identifier !== undefined && { identifier }) } };
}

export function isFiltered(filter: FilterTexts): boolean {
  return Object.values(filter).some((value) => value.trim() !== '');
}

/** The day after an ISO date. Any other text stays as it is, to be refused. */
function dayAfter(date: string): string {
  const day = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(day.getTime())) return date;
  day.setUTCDate(day.getUTCDate() + 1);
  return day.toISOString().slice(0, 10);
}
