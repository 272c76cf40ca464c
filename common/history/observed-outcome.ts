import * as z from 'zod';
import { LabelRequest, type OutcomeEntry, type OutcomeRequest, ValueRequest } from '../api/answers.ts';
import type { Violation } from '../record/violation.ts';

export type OutcomeReading = { ok: true; outcome: OutcomeRequest } | { ok: false; violations: Violation[] };

/**
 * Reads an observed outcome, and names everything wrong with it. `labels` are the outcomes that the model knows; null
 * where it predicts a number. `today` is the
 * day in UTC: nobody observes a later one. `isBeforePrediction` checks the day against the prediction.
 */
export function readOutcome(body: unknown, labels: readonly string[] | null, today: string): OutcomeReading {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return { ok: false, violations: [NOT_AN_OBJECT] };
  // Days as text sort by time.
  const observedOn = z.iso.date({ abort: true }).refine((day) => day <= today);
  const schema = labels
    ? LabelRequest.extend({ label: z.enum(labels), observedOn })
    : ValueRequest.extend({ observedOn });
  const parsed = schema.safeParse(body);
  if (parsed.success) return { ok: true, outcome: parsed.data };
  return { ok: false, violations: parsed.error.issues.flatMap((issue) => violationsOf(issue, body, labels)) };
}

/** Whether an outcome was observed on a day before its prediction, in UTC: then it was known, and not predicted. */
export function isBeforePrediction({ observedOn }: OutcomeRequest, createdAt: string): boolean {
  return observedOn < createdAt.slice(0, 10);
}

/** The label or the number that was observed. */
export function observedOf(outcome: OutcomeEntry): string | number {
  return 'label' in outcome ? outcome.label : outcome.value;
}

export function beforePrediction(createdAt: string): Violation {
  const day = createdAt.slice(0, 10);
  return {
    fields: ['observedOn'],
    rule: 'before-prediction',
    message: {
      fr: `Ne doit pas précéder le jour de la prédiction, ${day} (UTC).`,
      en: `Must not be before the day of the prediction, ${day} (UTC).`,
    },
  };
}

const NOT_AN_OBJECT: Violation = {
  fields: [],
  rule: 'type',
  message: { fr: 'Un objet JSON est attendu.', en: 'Must be a JSON object.' },
};

function violationsOf(issue: z.core.$ZodIssue, body: object, labels: readonly string[] | null): Violation[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map(unknownField);
  const name = String(issue.path[0]);
  if (!Object.hasOwn(body, name)) {
    return [{ fields: [name], rule: 'required', message: { fr: 'Champ obligatoire.', en: 'Is required.' } }];
  }
  if (name === 'value') {
    return [{ fields: [name], rule: 'type', message: { fr: 'Doit être un nombre.', en: 'Must be a number.' } }];
  }
  if (name === 'label' && labels) {
    const values = labels.join(', ');
    const message = { fr: `Doit être l’une des valeurs : ${values}.`, en: `Must be one of: ${values}.` };
    return [{ fields: [name], rule: 'category', message }];
  }
  return [
    issue.code === 'custom'
      ? {
          fields: [name],
          rule: 'future',
          message: { fr: 'Ne doit pas être dans le futur (UTC).', en: 'Must not be in the future (UTC).' },
        }
      : {
          fields: [name],
          rule: 'date',
          message: {
            fr: 'Doit être une date ISO 8601, comme 2026-01-31.',
            en: 'Must be an ISO 8601 date such as 2026-01-31.',
          },
        },
  ];
}

function unknownField(name: string): Violation {
  return {
    fields: [name],
    rule: 'unknown-field',
    message: { fr: 'Champ inconnu.', en: 'Not a field of an outcome.' },
  };
}
