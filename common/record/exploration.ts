import type * as z from 'zod';
import { ExploreRequest } from '../api/answers.ts';
import type { Text } from '../contract/text.ts';
import type { Violation } from './violation.ts';

export type ExplorationReading = { ok: true; request: ExploreRequest } | { ok: false; violations: Violation[] };

/**
 * Reads the request of an exploration. `fields` are the features that can be varied. The contract's validator checks the record,
 * with each of the values.
 */
export function readExploration(body: unknown, fields: readonly string[]): ExplorationReading {
  const parsed = ExploreRequest.safeParse(body);
  if (!parsed.success) return { ok: false, violations: parsed.error.issues.map(violationOf) };
  const { vary } = parsed.data;
  if (!vary || fields.includes(vary.field)) return { ok: true, request: parsed.data };
  return { ok: false, violations: [{ fields: ['vary.field'], rule: 'category', message: NOT_A_FEATURE }] };
}

const NOT_A_FEATURE: Text = {
  fr: 'Doit être le nom d’une variable du modèle.',
  en: 'Must be the name of a field of the model.',
};

/** The violation that an issue stands for. It names a value of `vary.values` by its position from 0. */
function violationOf({ code, path }: z.core.$ZodIssue): Violation {
  const fields = path.length > 0 ? [path.join('.')] : [];
  if (code === 'unrecognized_keys') return { fields, rule: 'unknown-field', message: MESSAGES.shape };
  const isList = path.length === 2 && path[1] === 'values';
  if (isList) return { fields, rule: 'values', message: MESSAGES.values };
  if (path[0] === 'vary' && path[1] === 'values') return { fields, rule: 'type', message: MESSAGES.value };
  return { fields, rule: 'type', message: path[0] === 'record' ? MESSAGES.record : MESSAGES.shape };
}

const MESSAGES = {
  shape: {
    fr: 'Attendu\u00a0: {"record": {…}, "vary": {"field": "…", "values": […]}}, où "vary" peut manquer.',
    en: 'Must be {"record": {…}, "vary": {"field": "…", "values": […]}}; "vary" may be left out.',
  },
  record: { fr: 'Un objet JSON est attendu.', en: 'Must be a JSON object.' },
  values: { fr: 'De 1 à 200 valeurs sont attendues.', en: 'Must be a list of 1 to 200 values.' },
  value: {
    fr: 'Doit être un texte, un nombre, un booléen ou null.',
    en: 'Must be a text, a number, a boolean or null.',
  },
} satisfies Record<string, Text>;
