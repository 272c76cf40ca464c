import * as z from 'zod';
import type { Text } from '../contract/text.ts';
import { createIdentifierReader } from '../record/read-identifier.ts';
import type { Violation } from '../record/violation.ts';

/** How many predictions a page has at most, and where nothing else is asked for. */
const MAX_LIMIT = 200;
const DEFAULT_LIMIT = 50;
const MAX_CHARACTERS = 200;

/** Postgres' text cannot hold U+0000, and its times need years of four digits. */
const Name = z
  .string()
  .min(1)
  .max(MAX_CHARACTERS)
  .refine((text) => !text.includes('\u0000'));
const Time = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })])
  .transform((text) => new Date(text))
  .refine((time) => time.getUTCFullYear() >= 1 && time.getUTCFullYear() <= 9999);
const Identifier = z
  .string()
  .regex(/^\d{1,16}$/)
  .transform(Number)
  .pipe(z.number().min(1).max(Number.MAX_SAFE_INTEGER));

const Filter = {
  /** A day begins at 00:00 UTC. `from` is inclusive, `to` is not. */
  from: Time.optional(),
  to: Time.optional(),
  version: z
    .string()
    .max(MAX_CHARACTERS)
    .regex(/^\d+\.\d+\.\d+$/)
    .optional(),
  label: Name.optional(),
  risk: Name.optional(),
  identifier: Identifier.optional(),
  /** Whether an outcome was recorded. */
  outcome: z.enum(['known', 'unknown']).optional(),
};

function isInOrder({ from, to }: { from?: Date | undefined; to?: Date | undefined }): boolean {
  return !from || !to || from < to;
}

/** By what predictions are listed: time, the newest first, or probability or value, the highest first. */
const Sort = z.enum(['time', 'probability', 'value']).optional();

/** The parameters of GET /v1/predictions. */
export const PageQuery = z
  .object({
    ...Filter,
    limit: z
      .string()
      .regex(/^\d{1,3}$/)
      .transform(Number)
      .pipe(z.number().min(1).max(MAX_LIMIT))
      .default(DEFAULT_LIMIT),
    /** `nextCursor` of the page before. */
    cursor: z.string().optional(),
    sort: Sort,
    /** Whether to count all that match, on whatever page. */
    count: z
      .enum(['true', 'false'])
      .transform((text) => text === 'true')
      .optional(),
  })
  .refine(isInOrder);

/** The parameters of GET /v1/predictions/export. */
export const ExportQuery = z.object({ ...Filter, sort: Sort }).refine(isInOrder);

/** The parameters of DELETE /v1/predictions. */
export const ErasureQuery = z.object({ identifier: Identifier });

const TIME: Text = {
  fr: 'Doit être une date ou une date et heure ISO 8601 avec fuseau, comme 2026-01-31 ou 2026-01-31T12:00:00Z (un « + » s’écrit %2B).',
  en: 'Must be an ISO 8601 date, or date and time with its zone, such as 2026-01-31 or 2026-01-31T12:00:00Z (write a "+" as %2B).',
};
const NAME: Text = {
  fr: `Doit être un texte de 1 à ${MAX_CHARACTERS} caractères.`,
  en: `Must be a text of 1 to ${MAX_CHARACTERS} characters.`,
};

/** The rule of each parameter. */
const RULES: Record<string, Omit<Violation, 'fields'>> = {
  from: { rule: 'time', message: TIME },
  to: { rule: 'time', message: TIME },
  version: {
    rule: 'version',
    message: { fr: 'Doit être une version comme 1.2.3.', en: 'Must be a version such as 1.2.3.' },
  },
  label: { rule: 'text', message: NAME },
  risk: { rule: 'text', message: NAME },
  identifier: {
    rule: 'identifier',
    message: {
      fr: 'Doit être un entier positif, écrit comme dans une fiche ou dans un fichier.',
      en: 'Must be a positive integer, written as in a record or in a file.',
    },
  },
  outcome: {
    rule: 'outcome',
    message: { fr: 'Doit être « known » ou « unknown ».', en: 'Must be "known" or "unknown".' },
  },
  sort: {
    rule: 'sort',
    message: {
      fr: 'Doit être « time », « probability » ou « value ».',
      en: 'Must be "time", "probability" or "value".',
    },
  },
  count: {
    rule: 'count',
    message: { fr: 'Doit être « true » ou « false ».', en: 'Must be "true" or "false".' },
  },
  limit: {
    rule: 'limit',
    message: {
      fr: `Doit être un nombre entier de 1 à ${MAX_LIMIT}.`,
      en: `Must be an integer from 1 to ${MAX_LIMIT}.`,
    },
  },
};

const NOT_IN_ORDER: Violation = {
  fields: ['from', 'to'],
  rule: 'order',
  message: { fr: '« from » doit précéder « to ».', en: '"from" must be before "to".' },
};

/** What is said of a cursor that was not answered here. */
export const INVALID_CURSOR: Violation = {
  fields: ['cursor'],
  rule: 'cursor',
  message: {
    fr: 'Doit être le « nextCursor » d’une page.',
    en: 'Must be the "nextCursor" of a page.',
  },
};

/** What is said of a parameter whose percent escapes are no text: a browser's parser would put other characters in their place. */
export function brokenEscape(name: string): Violation {
  return {
    fields: [name.slice(0, MAX_CHARACTERS)],
    rule: 'escape',
    message: {
      fr: 'Un échappement « % » est incomplet ou n’est pas de l’UTF-8 (un « % » s’écrit %25).',
      en: 'A "%" escape is not whole, or is not UTF-8 (write a "%" as %25).',
    },
  };
}

export type QueryReading<T> = { ok: true; query: T } | { ok: false; violations: Violation[] };

/**
 * Reads the parameters of an address, and names every one that is wrong. None may be unknown or given twice. An identifier may be
 * spelled as in a record, with one of these prefixes.
 */
export function readQuery<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  parameters: Iterable<readonly [name: string, value: string]>,
  prefixes: readonly string[] = [],
): QueryReading<z.output<z.ZodObject<Shape>>> {
  const given = new Map<string, string>();
  const violations = new Map<string, Violation>();
  for (const [name, value] of parameters) {
    if (!Object.hasOwn(schema.shape, name)) violations.set(name, unknownParameter(name));
    else if (given.has(name)) violations.set(name, givenTwice(name));
    else given.set(name, value);
  }
  const identifier = createIdentifierReader(prefixes)(given.get('identifier'));
  if (identifier !== undefined) given.set('identifier', `${identifier}`);
  const parsed = schema.safeParse(Object.fromEntries(given));
  for (const { path } of parsed.error?.issues ?? []) {
    const violation = path.length === 0 ? NOT_IN_ORDER : violationOf(String(path[0]), given);
    const key = violation.fields.join(' ');
    if (!violations.has(key)) violations.set(key, violation);
  }
  if (!parsed.success || violations.size > 0) return { ok: false, violations: [...violations.values()] };
  return { ok: true, query: parsed.data };
}

function violationOf(name: string, given: ReadonlyMap<string, string>): Violation {
  const rule = given.has(name) ? RULES[name] : undefined;
  return rule ? { fields: [name], ...rule } : missing(name);
}

function missing(name: string): Violation {
  return { fields: [name], rule: 'required', message: { fr: 'Paramètre obligatoire.', en: 'Is required.' } };
}

function unknownParameter(name: string): Violation {
  return {
    fields: [name.slice(0, MAX_CHARACTERS)],
    rule: 'unknown-parameter',
    message: { fr: 'Paramètre inconnu de cette adresse.', en: 'Not a parameter of this address.' },
  };
}

function givenTwice(name: string): Violation {
  return {
    fields: [name],
    rule: 'given-once',
    message: { fr: 'Ne doit être donné qu’une fois.', en: 'Must be given once only.' },
  };
}
