import * as z from 'zod';

/** Words for people, in each language of the page. The English ones stand in where there are no French ones. */
export const Text = z
  .strictObject({ fr: z.string().min(1).optional(), en: z.string().min(1) })
  .transform(({ fr, en }) => ({ fr: fr ?? en, en }));
export type Text = z.infer<typeof Text>;

const MAX_NAME_LENGTH = 200;

/**
 * The name of a field of a record, as the data has it: "mean radius", "GFA (m²)". A field named `__proto__` would be the record's
 * prototype.
 */
export const FieldName = z
  .string()
  .min(1)
  .max(MAX_NAME_LENGTH)
  .refine((name) => name !== '__proto__', 'may not be "__proto__"')
  .refine((name) => !/[\p{Cc}\p{Cs}]/u.test(name), 'may not hold control characters')
  .refine((name) => name === name.trim(), 'may not begin or end with a blank')
  .refine((name) => name === name.normalize(), 'must be in Unicode form NFC');
