import * as z from 'zod';
import { PredictAnswer } from '../../common/api/answers.ts';
import { keyIdOf } from '../../common/api/api-key.ts';
import type { Contract } from '../../common/contract/contract.ts';
import type { Language } from '../language.ts';
import { isModelOf } from '../model-version.ts';
import { storedKey } from '../stored-key.ts';
import type { Reference } from './answer.tsx';
import { type Entries, toEntries } from './form-record.ts';

/** A prediction, the entries that it is about, and the key of that form. */
export type Predicted = { key: string; entries: Entries; answer: PredictAnswer; at: string };

/** The part of the form's state that survives a reload. */
export type Draft = { entries: Entries; reference: Reference | null; predicted: Predicted | null };

/** Of the tab, as the API key: it may be about a person, and must not stay behind in a browser. */
const STORED_AS = 'form';

const EntriesSchema = z.record(z.string(), z.string());
const Stored = z.strictObject({
  /** The id of the API key under which the form was filled in; null without a key. Nobody else finds it. */
  keyId: z.string().nullable(),
  entries: EntriesSchema,
  /** What the form is compared with: an example by its English label, or the prediction. */
  reference: z.union([z.strictObject({ example: z.string() }), z.literal('prediction')]).nullable(),
  predicted: z
    .strictObject({ key: z.string(), entries: EntriesSchema, answer: PredictAnswer, at: z.iso.datetime() })
    .nullable(),
});
type Stored = z.infer<typeof Stored>;

const EMPTY: Draft = { entries: {}, reference: null, predicted: null };

/** The form as it was before the page was loaded again. A prediction of another version of the model is left out. */
export function readDraft(contract: Contract, language: Language): Draft {
  const stored = readStored();
  if (!stored || (stored.keyId !== null && stored.keyId !== signedInAs())) return EMPTY;
  const { entries } = stored;
  const predicted = stored.predicted && isModelOf(contract, stored.predicted.answer.model) ? stored.predicted : null;
  return { entries, reference: readReference(stored, predicted, contract, language), predicted };
}

function readReference(
  { reference }: Stored,
  predicted: Predicted | null,
  contract: Contract,
  language: Language,
): Reference | null {
  if (reference === null) return null;
  if (reference === 'prediction') {
    return predicted && { entries: predicted.entries, value: predicted.answer, example: null };
  }
  const found = contract.examples.find(({ label }) => label.en === reference.example);
  if (!found) return null;
  const { label, input, ...value } = found;
  return { entries: toEntries(contract, input, language), value, example: label };
}

/** Keeps the form for as long as the tab is open. An empty form leaves nothing behind. */
export function storeDraft({ entries, reference, predicted }: Draft): void {
  if (Object.values(entries).every((entry) => entry === '')) {
    forgetDraft();
    return;
  }
  const example = reference?.example?.en;
  const stored: Stored = {
    keyId: signedInAs(),
    entries,
    reference: example === undefined ? reference && 'prediction' : { example },
    predicted,
  };
  try {
    sessionStorage.setItem(STORED_AS, JSON.stringify(stored));
  } catch {
    // A page in a frame may be denied its storage: the form then lasts as long as the page.
  }
}

export function forgetDraft(): void {
  try {
    sessionStorage.removeItem(STORED_AS);
  } catch {}
}

function signedInAs(): string | null {
  return keyIdOf(storedKey() ?? '');
}

function readStored(): Stored | null {
  try {
    return Stored.parse(JSON.parse(sessionStorage.getItem(STORED_AS) ?? ''));
  } catch {
    // Nothing is stored, or an older page stored it in another form.
    return null;
  }
}
