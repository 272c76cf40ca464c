import type { HistoryQuery } from '../../client/client.ts';
import { PageQuery, readQuery } from '../../common/history/query.ts';
import type { Violation } from '../../common/record/violation.ts';

/** The entries of the filter form, empty where a filter is not set. Days are the reader's own; `to` is the last one that is shown. */
export type FilterTexts = {
  from: string;
  to: string;
  version: string;
  label: string;
  risk: string;
  identifier: string;
  outcome: string;
  /** The order; empty for the newest first. */
  sort: string;
};

export const NO_FILTER: FilterTexts = {
  from: '',
  to: '',
  version: '',
  label: '',
  risk: '',
  identifier: '',
  outcome: '',
  sort: '',
};

export type FilterReading = { ok: true; query: HistoryQuery } | { ok: false; violations: Violation[] };

/**
 * The query for the API, or the violations that the API would name, in both languages. An identifier may have one of these prefixes,
 * as in a file.
 */
export function readFilter(filter: FilterTexts, prefixes: readonly string[] = []): FilterReading {
  // The API's `to` is exclusive. A reader who asks for the days up to one means that day, too.
  const sent = { ...filter, from: startOf(filter.from, 0), to: startOf(filter.to, 1) };
  const given = Object.entries(sent).flatMap(([name, value]): [string, string][] => {
    return value.trim() === '' ? [] : [[name, value.trim()]];
  });
  const reading = readQuery(PageQuery, given, prefixes);
  if (!reading.ok) return reading;
  const { identifier, outcome, sort } = reading.query;
  const { identifier: _, outcome: __, sort: ___, ...texts } = Object.fromEntries(given);
  return {
    ok: true,
    query: { ...texts, ...(identifier && { identifier }), ...(outcome && { outcome }), ...(sort && { sort }) },
  };
}

/** Whether a filter leaves anything out. The order does not. */
export function isFiltered({ sort: _, ...filter }: FilterTexts): boolean {
  return Object.values(filter).some((value) => value.trim() !== '');
}

/** A filter as the part of the page's address after "?", so that it can be kept and handed on. */
export function toSearch(filter: FilterTexts): string {
  const set = Object.entries(filter).filter(([, value]) => value.trim() !== '');
  return new URLSearchParams(set).toString();
}

/** The filter that an address has. What it does not know, it leaves out. */
export function fromSearch(search: string): FilterTexts {
  const given = new URLSearchParams(search);
  const text = (name: keyof FilterTexts) => given.get(name) ?? '';
  return {
    from: text('from'),
    to: text('to'),
    version: text('version'),
    label: text('label'),
    risk: text('risk'),
    identifier: text('identifier'),
    outcome: text('outcome'),
    sort: text('sort'),
  };
}

/**
 * When a day begins for the reader, so many days after an ISO date: the API's own days are those of UTC, where a prediction of
 * 00:30 in Paris was made the day before. Any other text stays as it is, to be refused.
 */
function startOf(date: string, daysLater: number): string {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(date) ?? [];
  if (year === undefined || Number.isNaN(Date.parse(date))) return date;
  return new Date(Number(year), Number(month) - 1, Number(day) + daysLater).toISOString();
}
